import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boxListGrammar, coordinateRules, labelRules } from "../../app/engine/families/grammar.ts";
import { presetTraits } from "../../app/engine/families/index.ts";
import { boxListExamples } from "../../app/engine/families/prompts.ts";
import type { GenerateOptions, NativeSession } from "../../native/index.ts";
import { readQwen2Tokenizer } from "../support/gguf/qwen2-tokenizer.ts";
import { createRandom } from "../support/gguf/random.ts";
import type { TinyPair } from "../support/gguf/tiny-pair.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { holo15Vocabulary, writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { writeTinyQwen35Pair } from "../support/gguf/tiny-qwen35.ts";
import { repositoryRoot } from "../support/repository.ts";
import { usual } from "../support/usual-native.ts";
import { type Answer, collect, contextOptions, describeNative, library, loadOptions, NANO, noise } from "./support.ts";

/**
 * Greatest difference of a token's log-probability in single precision. A call with several tokens adds up its products in
 * another order than a call with one, and the KV cache rounds to half precision what comes of it.
 */
const TOLERANCE = 2e-3;
/** With weights and attention in half precision too; tokens whose probabilities are closer than that may change places. */
const HALF_TOLERANCE = 0.05;
/** Sides that are whole for cells of 28 and of 32 px. */
const [width, height] = [448, 224] as const;

const boxes = { maxDetections: 20, coordinate: coordinateRules.pixels };
const spacedList = boxListGrammar({ ...boxes, label: labelRules.text, spaced: true });
const compactList = boxListGrammar({ ...boxes, label: labelRules.names, spaced: false });
const click = presetTraits("holo1.5").question("locate", "Save", 1, { width: 448, height: 448 });

type Question = Pick<GenerateOptions, "grammar" | "maxTokens"> & Partial<Pick<GenerateOptions, "examples">>;

/** The answer with and without jumps; the prepared image must be encoded. */
async function both(session: NativeSession, question: Question): Promise<{ jumped: Answer; plain: Answer }> {
  await session.prefill();
  const plain = await collect(session, { examples: [], ...question, jumpForward: false });
  await session.prefill();
  return { plain, jumped: await collect(session, { examples: [], ...question, jumpForward: true }) };
}

const ids = ({ list }: Answer): number[] => list.map(({ id }) => id);

/** Greatest difference of log-probabilities, token by token. */
const distance = (a: Answer, b: Answer): number =>
  Math.max(0, ...a.list.map(({ logProb }, index) => Math.abs(logProb - (b.list[index]?.logProb ?? Number.NaN))));

function expectSame(jumped: Answer, plain: Answer, grammar: string): void {
  expect(ids(jumped), grammar).toEqual(ids(plain));
  expect(jumped.list.map(({ overruled }) => overruled)).toEqual(plain.list.map(({ overruled }) => overruled));
  expect(jumped).toMatchObject({ tokens: plain.tokens, finish: plain.finish });
  expect(distance(jumped, plain), grammar).toBeLessThan(TOLERANCE);
  expect(plain).toMatchObject({ proposed: 0, accepted: 0, jumps: 0 });
  expect(jumped.calls).toBe(plain.calls - jumped.accepted);
  expect(jumped.accepted).toBeLessThanOrEqual(jumped.proposed);
}

/** A grammar of literals, many of which share their beginnings or ends with tokens, and of places with a choice. */
function randomGrammar(random: () => number): string {
  const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];
  const literal = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      pick(['{\\"', '\\":', " the", " on", "in", "er", "é", "日本", "😀", '\\"', ",", " ", "tion", "\\n", "12", "}"]),
    ).join("");
  const makers: readonly [() => string, ...(() => string)[]] = [
    () => `"${literal()}"`,
    () => `"${literal()}"`,
    () => "[0-9]{1,3}",
    () => `("${literal()}" | "${literal()}")`,
    () => '" "?',
    () => "[a-z]{0,4}",
    () => "[^a-z]",
  ];
  const parts = (count: number): string => Array.from({ length: count }, () => pick(makers)()).join(" ");
  return `root ::= ${parts(3)} item{1,6} ${parts(2)}\nitem ::= ${parts(5)}`;
}

const vocabularyFile = path.join(repositoryRoot, "native", "build", "llama.cpp", "models", "ggml-vocab-qwen2.gguf");
const hasVocabulary = existsSync(vocabularyFile);
if (!hasVocabulary)
  console.warn("Jumps over Qwen2's real vocabulary are not tested: llama.cpp's sources are not there.");

describeNative("jump-forward decoding", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "holoscope-jump-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const realVocabulary = async (seed: number, scripted: boolean): Promise<TinyPair> => {
    const tokenizer = await readQwen2Tokenizer(vocabularyFile, holo15Vocabulary());
    return writeTinyQwen25vlPair(path.join(folder, `real-${seed}`), { tokenizer, scripted, seed, modelType: "f32" });
  };
  type Case = readonly [
    name: string,
    pair: () => Promise<TinyPair>,
    flashAttention: "auto" | "off",
    images: number,
    grammars: number,
  ];
  const pairs: readonly Case[] = [
    ["the bundled detector", async () => NANO, "auto", 2, 20],
    ["a tiny Qwen2.5-VL", () => writeTinyQwen25vlPair(folder, { modelType: "f32" }), "off", 4, 80],
    ["a tiny Qwen3-VL", () => writeTinyQwen3vlPair(folder, { modelType: "f32" }), "off", 4, 80],
    ["a tiny Qwen3.5", () => writeTinyQwen35Pair(folder, { modelType: "f32" }), "off", 4, 80],
    ["a tiny Qwen3.5 of experts", () => writeTinyQwen35Pair(folder, { modelType: "f32", experts: true }), "off", 4, 80],
    ...(hasVocabulary
      ? ([["a tiny model with Qwen2's vocabulary", () => realVocabulary(1, false), "off", 2, 12]] as const)
      : []),
  ];

  describe.each(pairs)("with %s", (name, pair, flashAttention, images, grammars) => {
    let session: NativeSession;
    beforeAll(async () => {
      session = await library().load(loadOptions(await pair()));
      await session.configure(contextOptions({ flashAttention, takeBackTokens: 7 }));
    });
    afterAll(() => session?.free());

    it("writes the same tokens in fewer calls, through thousands of states of many grammars", async () => {
      const random = createRandom(7);
      let [states, calls, furthest] = [0, 0, 0];
      const lists: { jumped: Answer; plain: Answer }[] = [];
      for (let image = 0; image < images; image++) {
        await session.prepare(noise(width, height + 224 * (image % 2), { reserveTokens: 512 }));
        await session.encode(usual.encode);
        const questions: Question[] = [
          { grammar: spacedList, maxTokens: 300, examples: boxListExamples },
          { grammar: compactList, maxTokens: 300 },
          { grammar: click.grammar, maxTokens: 64, examples: click.examples ?? [] },
          ...Array.from({ length: grammars / images }, () => ({ grammar: randomGrammar(random), maxTokens: 200 })),
        ];
        for (const question of questions) {
          const { jumped, plain } = await both(session, question);
          expectSame(jumped, plain, question.grammar);
          states += plain.tokens;
          calls += jumped.calls;
          furthest = Math.max(furthest, distance(jumped, plain));
          if (question.grammar === compactList) lists.push({ jumped, plain });
        }
      }
      console.log(
        `${name}: ${states} tokens in ${calls} calls; log-probabilities differ by ${furthest.toExponential(1)}`,
      );
      expect(states).toBeGreaterThan(name.startsWith("a tiny Qwen") ? 3000 : 700);
      expect(calls).toBeLessThan(states);
      // Negative control: the answer about another image is not the same.
      const [one, other] = [lists[0], lists[1]];
      if (one === undefined || other === undefined) throw new Error("There are no two lists.");
      expect(() => expectSame(one.jumped, other.plain, compactList)).toThrow();
      expect(distance(one.jumped, other.plain)).not.toBeLessThan(TOLERANCE);
    });

    it("keeps to the limit of tokens and to the context inside a jump", async () => {
      const grammar = 'root ::= ("the on in er \\":{" [0-9]){9}';
      await session.prepare(noise(width, height, { reserveTokens: 64 }));
      await session.encode(usual.encode);
      const whole = (await both(session, { grammar, maxTokens: 64 })).plain;
      for (let maxTokens = 1; maxTokens <= 30; maxTokens++) {
        const { jumped } = await both(session, { grammar, maxTokens });
        expect(ids(jumped)).toEqual(ids(whole).slice(0, maxTokens));
        expect(jumped.finish).toBe("length");
      }
    });

    it("ends when cancelled inside a jump, and the next answer is whole", async () => {
      const grammar = 'root ::= "{\\"the on in er\\":"{400}';
      await session.prepare(noise(width, height, { reserveTokens: 512 }));
      await session.encode(usual.encode);
      const question = { grammar, maxTokens: 512 };
      const before = await both(session, { grammar, maxTokens: 100 });
      await session.prefill();
      let seen = 0;
      const running = session.generate({
        ...usual.generate,
        ...question,
        onTokens(tokens) {
          seen += tokens.length;
          session.cancel();
        },
      });
      await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
      expect(seen).toBeLessThan(512);
      expect(ids((await both(session, { grammar, maxTokens: 100 })).jumped)).toEqual(ids(before.plain));
    });
  });

  it("writes the same in half precision, but where two tokens are as likely", async () => {
    const session = await library().load(loadOptions(await writeTinyQwen25vlPair(folder)));
    await session.configure(contextOptions());
    const random = createRandom(11);
    await session.prepare(noise(width, height, { reserveTokens: 512 }));
    await session.encode(usual.encode);
    let [ties, questions] = [0, 0];
    for (const grammar of [
      spacedList,
      compactList,
      click.grammar,
      ...Array.from({ length: 40 }, () => randomGrammar(random)),
    ]) {
      const { jumped, plain } = await both(session, { grammar, maxTokens: 200 });
      const [a, b] = [ids(jumped), ids(plain)];
      const differs = b.findIndex((id, index) => a[index] !== id);
      const same = differs < 0 ? b.length : differs;
      for (let index = 0; index <= Math.min(same, b.length - 1); index++) {
        const difference = Math.abs((jumped.list[index]?.logProb ?? 0) - (plain.list[index]?.logProb ?? 0));
        expect(difference, `token ${index} of ${grammar}`).toBeLessThan(HALF_TOLERANCE);
      }
      questions++;
      if (differs >= 0) ties++;
    }
    await session.free();
    console.log(`half precision: ${ties} of ${questions} answers part at a tie`);
    expect(ties).toBeLessThan(0.1 * questions);
  });

  it("says the same as plain decoding where the context is full inside a jump", async () => {
    const session = await library().load(loadOptions(await writeTinyQwen25vlPair(folder)));
    const grammar = 'root ::= "{\\"the on in er\\":"{400}';
    await session.configure(contextOptions({ contextTokens: 256 }));
    await session.prepare(noise(width, height, { reserveTokens: 1 }));
    await session.encode(usual.encode);
    const lengths: number[] = [];
    for (const jumpForward of [false, true]) {
      await session.prefill();
      let seen = 0;
      const onTokens = (tokens: readonly unknown[]): void => {
        seen += tokens.length;
      };
      const running = session.generate({ ...usual.generate, grammar, maxTokens: 500, jumpForward, onTokens });
      await expect(running).rejects.toMatchObject({ code: "CONTEXT_TOO_SMALL" });
      lengths.push(seen);
    }
    await session.free();
    expect(lengths[0]).toBeGreaterThan(0);
    expect(lengths[1]).toBe(lengths[0]);
  });

  (hasVocabulary ? it : it.skip)("needs far fewer calls for a list of boxes in Qwen2's vocabulary", async () => {
    const session = await library().load(loadOptions(await realVocabulary(2, true)));
    await session.configure(contextOptions({ flashAttention: "off" }));
    await session.prepare(noise(width, height, { reserveTokens: 512 }));
    await session.encode(usual.encode);
    const { jumped, plain } = await both(session, { grammar: spacedList, maxTokens: 200 });
    await session.free();
    expectSame(jumped, plain, spacedList);
    expect(jumped.calls).toBeLessThan(0.6 * plain.calls);
  });
});
