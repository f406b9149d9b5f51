import os from "node:os";
import sharp from "sharp";
import { type NativeSession, openNative } from "../../native/index.ts";
import { samplePath } from "../support/repository.ts";
import { usual } from "../support/usual-native.ts";
import { spreadOf } from "./report.ts";
import { nanoPair } from "./work.ts";

/**
 * Whether two images' encodes gain anything by going together, on the CPU with the bundled detector: one after the other
 * with all cores each, against both at once with half of the cores each, in turns. libmtmd itself puts no two images of the
 * Qwen families into one graph (their `support_batch()` is false), so this is the other way to encode two at once.
 * Usage: npx tsx test/bench/encode-together.ts [rounds]
 */
const rounds = Number(process.argv[2] ?? 7);
const [width, height] = [1280, 736];
const library = openNative("cpu");
const { physicalCores } = library.systemInfo();
const prompt = "<|im_start|>user\n<__media__>Detect every UI element.<|im_end|>\n<|im_start|>assistant\n";
const image = sharp(samplePath("settings")).removeAlpha().resize(width, height, { fit: "fill" });
const rgb = new Uint8Array(await image.raw().toBuffer());

async function open(threads: number): Promise<NativeSession> {
  const options = { gpuLayers: 0, mmprojOnGpu: false, flashAttention: "auto", useMmap: true } as const;
  const session = await library.load({ ...usual.load, ...nanoPair, ...options, encodeThreads: threads });
  await session.configure({
    ...usual.context,
    contextTokens: 1280,
    batchTokens: 1024,
    ubatchTokens: 1024,
    generateThreads: 1,
    prefillThreads: threads,
    flashAttention: "auto",
  });
  return session;
}

/** ms of encoding alone. */
async function timed(sessions: readonly NativeSession[], encode: () => Promise<unknown>): Promise<number> {
  for (const session of sessions)
    await session.prepare({ ...usual.prompt, rgb, width, height, prompt, reserveTokens: 1 });
  const start = performance.now();
  await encode();
  return performance.now() - start;
}

const all = await open(physicalCores);
const halves = [await open(Math.max(1, physicalCores >> 1)), await open(Math.max(1, physicalCores >> 1))];
const apart: number[] = [];
const together: number[] = [];
for (let round = -1; round < rounds; round++) {
  const one = async (): Promise<number> =>
    (await timed([all], () => all.encode(usual.encode))) + (await timed([all], () => all.encode(usual.encode)));
  const both = (): Promise<number> => timed(halves, () => Promise.all(halves.map((half) => half.encode(usual.encode))));
  const [first, second] = round % 2 === 0 ? [await one(), await both()] : [await both(), await one()].reverse();
  if (round < 0 || first === undefined || second === undefined) continue;
  apart.push(first);
  together.push(second);
}
const ratio = spreadOf(together.map((ms, at) => ms / (apart[at] ?? Number.NaN)));
const text = ({ median, min, max }: typeof ratio, digits = 0): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
console.log(`${physicalCores} cores, load average ${os.loadavg()[0]?.toFixed(1)}, ${rounds} rounds, two images:`);
console.log(`one after the other ${text(spreadOf(apart))} ms`);
console.log(`both at once ${text(spreadOf(together))} ms, ${text(ratio, 2)} of that`);
for (const session of [all, ...halves]) await session.free();
// node-llama-cpp keeps handles open that would keep the process alive.
process.exit(0);
