import fc from "fast-check";
import { limits } from "./patience.ts";

/**
 * Fuzzing: good inputs are damaged by plans that fast-check draws from a seed, so that every failure can be had again.
 * What fails is made smaller and printed as its plan, with the seed. Rounds are counted, time is not.
 */

/** Read from the environment; `npm run fuzz` sets both. */
export const fuzzVariables = { factor: "HOLOSCOPE_FUZZ_FACTOR", seed: "HOLOSCOPE_FUZZ_SEED" } as const;

const usualSeed = 16;

function wholeNumber(variable: string, otherwise: number): number {
  const number = Number(process.env[variable] ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${variable} must be a whole number above 0.`);
  return number;
}

/** The seed, and `rounds` times the factor of a longer run. */
export function fuzzParameters(rounds: number): { seed: number; numRuns: number } {
  return {
    seed: wholeNumber(fuzzVariables.seed, usualSeed),
    numRuns: rounds * wholeNumber(fuzzVariables.factor, 1),
  };
}

/** One round that hangs fails with its plan; of asynchronous work only, since nothing can end a loop in this thread. */
const ended = async (work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("This round did not end.")), limits.wait);
  });
  await Promise.race([work, never]).finally(() => clearTimeout(timer));
};

async function fuzz<P>(rounds: number, plans: fc.Arbitrary<P>, check: (plan: P) => Promise<void>): Promise<void> {
  const property = fc.asyncProperty(plans, (plan) => ended(check(plan)));
  await fc.assert(property, fuzzParameters(rounds));
}

/** A place in a file, as a part of its length; beginnings are hit more often, as headers lie there. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((part) => part ** 4),
);
const length = fc.oneof(fc.nat(16), fc.nat(400));
const byte = fc.nat(255);
/** Counts and sizes that go wrong most often: none, the largest of 15, 31 and 32 bits, and one more. */
const telling = fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff);

const byteChange = fc.oneof(
  fc.record({ what: fc.constant("flip"), at: place, bit: fc.nat(7) }),
  fc.record({ what: fc.constant("put"), at: place, byte }),
  fc.record({ what: fc.constant("number"), at: place, number: telling, littleEndian: fc.boolean() }),
  fc.record({ what: fc.constant("cut"), at: place, length }),
  fc.record({ what: fc.constant("end"), at: place }),
  fc.record({ what: fc.constant("repeat"), at: place, length, times: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ what: fc.constant("splice"), at: place, from: place, length, other: fc.nat(1000) }),
  fc.record({ what: fc.constant("run"), at: place, byte, times: fc.nat(100_000) }),
);
type ByteChange = typeof byteChange extends fc.Arbitrary<infer C> ? C : never;

function changed(bytes: Buffer, change: ByteChange, all: readonly Buffer[]): Buffer {
  const at = Math.floor(change.at * bytes.length);
  const insert = (part: Buffer, after = at) => Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(after)]);
  switch (change.what) {
    case "flip":
      return insert(Buffer.from([(bytes[at] ?? 0) ^ (1 << change.bit)]), at + 1);
    case "put":
      return insert(Buffer.from([change.byte]), at + 1);
    case "number": {
      const number = Buffer.alloc(4);
      if (change.littleEndian) number.writeUInt32LE(change.number);
      else number.writeUInt32BE(change.number);
      return insert(number, at + 4);
    }
    case "cut":
      return insert(Buffer.alloc(0), at + change.length);
    case "end":
      return bytes.subarray(0, at);
    case "repeat": {
      const part = bytes.subarray(at, at + change.length);
      return insert(Buffer.concat(Array.from({ length: change.times }, () => part)));
    }
    case "splice": {
      const other = all[change.other % all.length] ?? bytes;
      const from = Math.floor(change.from * other.length);
      return insert(other.subarray(from, from + change.length), at + change.length);
    }
    case "run":
      return insert(Buffer.alloc(change.times, change.byte));
  }
}

/** Damages one of these files in each round: bits, counts, cuts, repeats, parts of another file, long runs of a byte. */
export async function fuzzBytes(
  rounds: number,
  good: readonly Buffer[],
  check: (damaged: Buffer, which: number) => Promise<void>,
): Promise<void> {
  const plans = fc.record({
    file: fc.nat(good.length - 1),
    changes: fc.array(byteChange, { minLength: 1, maxLength: 6 }),
  });
  await fuzz(rounds, plans, async ({ file, changes }) => {
    const start = good[file] ?? Buffer.alloc(0);
    await check(
      changes.reduce((bytes, change) => changed(bytes, change, good), start),
      file,
    );
  });
}

/** A part of a JSON value; `undefined` takes it away. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, "", 0, -1, 0.5, 1e308, -1e308, 2 ** 53, true, [], {}, "__proto__"),
  fc.record({ letter: fc.constantFrom(" ", "=", "9", "A", "\u001b", "\u0000", "é", "\ud800") }),
  fc.jsonValue({ maxDepth: 2 }),
);
const valueChange = fc.record({ at: fc.nat(1_000_000), put: oddValue, times: fc.nat(50_000), nested: fc.nat(2_000) });

/** Levels that are changed; what an earlier change has put in may be far deeper. */
const changedLevels = 10;

/** The places of a JSON value, by the keys that lead there; the whole comes first. */
function placesIn(value: unknown, levels = changedLevels): (readonly string[])[] {
  if (typeof value !== "object" || value === null || levels === 0) return [[]];
  const below = ([key, item]: [string, unknown]) => placesIn(item, levels - 1).map((rest) => [key, ...rest]);
  return [[], ...Object.entries(value).flatMap(below)];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => (String(index) === key ? replaced(item, rest, put) : item));
    return items.filter((item) => item !== undefined);
  }
  const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? replaced(item, rest, put) : item]));
}

/** What is put in: long texts and deep lists are made here, so that plans stay short enough to print. */
function oddPart({ put, times, nested }: { put: unknown; times: number; nested: number }): unknown {
  if (typeof put === "object" && put !== null && "letter" in put) return String(put.letter).repeat(times);
  if (Array.isArray(put) && put.length === 0) {
    let deep: unknown = [];
    for (let level = 0; level < nested; level++) deep = [deep];
    return deep;
  }
  return put;
}

/** Puts odd values into the JSON of one of these in each round: other types, long texts, deep lists, missing fields. */
export async function fuzzValues(
  rounds: number,
  good: readonly unknown[],
  check: (damaged: unknown, which: number) => Promise<void>,
): Promise<void> {
  const plans = fc.record({
    value: fc.nat(good.length - 1),
    changes: fc.array(valueChange, { minLength: 1, maxLength: 4 }),
  });
  await fuzz(rounds, plans, async ({ value, changes }) => {
    const damaged = changes.reduce<unknown>((now, change) => {
      const places = placesIn(now);
      return replaced(now, places[change.at % places.length] ?? [], oddPart(change));
    }, good[value]);
    await check(damaged, value);
  });
}
