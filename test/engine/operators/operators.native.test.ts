import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operatorStages, type StageOperators } from "../../../app/contract/index.ts";
import { stageOperators } from "../../../app/engine/operators/stage-operators.ts";
import type { NativeSession, VitPath } from "../../../native/index.ts";
import {
  answer,
  contextOptions,
  describeNative,
  library,
  loadOptions,
  NANO,
  noise,
  screenshot,
} from "../../native/support.ts";
import { writeTinyQwen3vlPair } from "../../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../../support/gguf/tiny-qwen25vl.ts";
import { writeTinyQwen35Pair } from "../../support/gguf/tiny-qwen35.ts";
import { usual } from "../../support/usual-native.ts";
import {
  type Counts,
  type EncoderShape,
  encoderCounts,
  generateCounts,
  type LanguageShape,
  occurring,
  prefillCounts,
} from "./expected-counts.ts";

const maxTokens = 6;
/** No answer of these models to a screenshot ends by itself so soon; the last token is then not run through the model. */
const decoded = maxTokens - 1;

interface Measured {
  readonly stages: readonly StageOperators[];
  readonly sameAnswer: boolean;
}

/** A normal run and a profiled one of the same prompt on the same session. */
async function profiled(
  session: NativeSession,
  [width, height]: readonly [number, number],
  flash: boolean,
  vit: VitPath = "windowed",
): Promise<Measured> {
  const context = contextOptions({ flashAttention: flash ? "on" : "off" });
  const input = await screenshot("settings", width, height);
  await session.configure(context);
  const plain = await answer(session, input, maxTokens, "", { ...usual.encode, vit });
  expect(await session.nodeTimes()).toEqual([]);
  await session.configure({ ...context, timeNodes: true });
  const again = await answer(session, input, maxTokens, "", { ...usual.encode, vit });
  const nodes = await session.nodeTimes();
  return {
    stages: operatorStages.map((stage) => stageOperators({ stage, unprofiledMs: 1, profiledMs: 1 }, nodes)),
    sameAnswer: JSON.stringify(plain.list) === JSON.stringify(again.list) && plain.finish === "length",
  };
}

function stageOf({ stages }: Measured, name: StageOperators["stage"]): StageOperators {
  const stage = stages.find(({ stage }) => stage === name);
  if (stage === undefined) throw new Error(`${name} is missing`);
  return stage;
}

const countsOf = ({ categories }: StageOperators): Counts =>
  Object.fromEntries(categories.map(({ category, nodes }) => [category, nodes]));

const total = (list: readonly { readonly nodes: number; readonly ms: number }[]) => ({
  nodes: list.reduce((sum, { nodes }) => sum + nodes, 0),
  ms: list.reduce((sum, { ms }) => sum + ms, 0),
});

describeNative("the profile of a run's operators", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "holoscope-profile-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const pairs = {
    // 10 x 6 merged cells in windows of 4 x 4: full ones, two edges, a corner.
    "tiny Qwen2.5-VL": {
      write: () => writeTinyQwen25vlPair(folder),
      encoder: { projector: "qwen2.5vl_merger", layers: 8, fullAttentionEvery: 8, windowShapes: 4 },
      language: { architecture: "qwen2vl", layers: 3 },
      size: [280, 168],
    },
    // 5 x 8 cells: no lower edge.
    "tiny Qwen2.5-VL with four windowed layers in six": {
      write: () => writeTinyQwen25vlPair(path.join(folder, "six"), { visionLayers: 6, fullAttentionEvery: 3 }),
      encoder: { projector: "qwen2.5vl_merger", layers: 6, fullAttentionEvery: 3, windowShapes: 2 },
      language: { architecture: "qwen2vl", layers: 3 },
      size: [140, 224],
    },
    "tiny Qwen2.5-VL on upstream's path": {
      write: () => writeTinyQwen25vlPair(path.join(folder, "six"), { visionLayers: 6, fullAttentionEvery: 3 }),
      encoder: { projector: "qwen2.5vl_merger", layers: 6, fullAttentionEvery: 3 },
      language: { architecture: "qwen2vl", layers: 3 },
      size: [140, 252],
    },
    "bundled detector": {
      write: async () => NANO,
      encoder: { projector: "qwen3vl_merger", layers: 8 },
      language: { architecture: "qwen3vl", layers: 6 },
      size: [256, 160],
    },
    "tiny Qwen3.5": {
      write: () => writeTinyQwen35Pair(folder),
      encoder: { projector: "qwen3vl_merger", layers: 4 },
      language: { architecture: "qwen35", layers: 4, attentionEvery: 4 },
      size: [256, 160],
    },
    "tiny Qwen3.5 of experts": {
      write: () => writeTinyQwen35Pair(folder, { experts: true }),
      encoder: { projector: "qwen3vl_merger", layers: 4 },
      language: { architecture: "qwen35moe", layers: 4, attentionEvery: 4, expertsUsed: 2 },
      size: [256, 160],
    },
    // 32 x 32 patches are the grid of its learned positions, which then need no resizing.
    "bundled detector at the size of its positions": {
      write: async () => NANO,
      encoder: { projector: "qwen3vl_merger", layers: 8, resizedPositions: false },
      language: { architecture: "qwen3vl", layers: 6 },
      size: [512, 512],
    },
  } as const satisfies Record<
    string,
    {
      write: () => Promise<{ modelPath: string; mmprojPath: string }>;
      encoder: Omit<EncoderShape, "flash">;
      language: Omit<LanguageShape, "flash">;
      size: readonly [number, number];
    }
  >;

  describe.each([true, false])("with flash attention %s", (flash) => {
    it.each(Object.entries(pairs))("counts the nodes of the %s as its architecture has them", async (_name, pair) => {
      const { encoder, language, size } = pair;
      const files = await pair.write();
      const session = await library().load(loadOptions({ ...files, flashAttention: flash ? "on" : "off" }));
      try {
        const vit = "windowShapes" in encoder ? "windowed" : "upstream";
        const measured = await profiled(session, size, flash, vit);
        expect(measured.sameAnswer).toBe(true);
        const vision = { ...encoder, flash };
        const text = { ...language, flash };
        const counts = operatorStages.map((stage) => countsOf(stageOf(measured, stage)));
        expect(counts).toEqual([
          occurring(encoderCounts(vision)),
          occurring(prefillCounts(text)),
          occurring(generateCounts(text, decoded)),
        ]);
        // Negative controls: another architecture has other counts.
        const [encode, prefill, generate] = counts;
        expect(encode).not.toEqual(occurring(encoderCounts({ ...vision, flash: !flash })));
        expect(encode).not.toEqual(occurring(encoderCounts({ ...vision, layers: encoder.layers + 1 })));
        expect(prefill).not.toEqual(occurring(prefillCounts({ ...text, flash: !flash })));
        expect(generate).not.toEqual(occurring(generateCounts(text, decoded + 1)));

        for (const stage of measured.stages) sumsHold(stage);
        attentionHolds(measured, vision, text);
      } finally {
        await session.free();
      }
    });
  });

  /** Every list adds up to the stage, and little is left unexplained. */
  function sumsHold(stage: StageOperators): void {
    const { nodes, nodeMs, categories, operators, devices, layers, outsideLayers } = stage;
    for (const list of [categories, operators, devices, [...layers, outsideLayers]]) {
      expect(total(list).nodes, stage.stage).toBe(nodes);
      expect(total(list).ms, stage.stage).toBeCloseTo(nodeMs, 6);
    }
    const explained = total(categories.filter(({ category }) => category !== "other")).ms;
    expect(explained / nodeMs).toBeGreaterThanOrEqual(0.98);
    expect(devices.map(({ device }) => device)).toEqual(["CPU"]);
    expect(stage.slowest).toHaveLength(20);
    expect(stage.slowest.map(({ ms }) => ms)).toEqual(stage.slowest.map(({ ms }) => ms).sort((a, b) => b - a));
  }

  function attentionHolds(measured: Measured, encoder: EncoderShape, language: LanguageShape): void {
    const kind = encoder.flash ? "flash" : "separate";
    const perGraph = encoder.flash ? 1 : 3;
    const every = encoder.fullAttentionEvery ?? 0;
    const isWindowed = (layer: number): boolean => every > 0 && (layer + 1) % every !== 0;
    expect(stageOf(measured, "encode").attention).toMatchObject(
      Array.from({ length: encoder.layers }, (_, layer) => ({
        layer,
        kind,
        masked: isWindowed(layer) && encoder.windowShapes === undefined,
        nodes: perGraph * (isWindowed(layer) ? (encoder.windowShapes ?? 1) : 1),
      })),
    );
    const isAttending = (layer: number): boolean => (layer + 1) % (language.attentionEvery ?? 1) === 0;
    // The gate of the output counts to it.
    const inLanguage = perGraph + (language.attentionEvery === undefined ? 0 : 2);
    const languageLayers = (graphs: number) =>
      Array.from({ length: language.layers }, (_, layer) => layer)
        .filter(isAttending)
        .map((layer) => ({ layer, kind, masked: true, nodes: inLanguage * graphs }));
    expect(stageOf(measured, "prefill").attention).toMatchObject(languageLayers(3));
    expect(stageOf(measured, "generate").attention).toMatchObject(languageLayers(decoded));
    // All layers but the last of the language model are alike.
    for (const { layers } of [stageOf(measured, "encode"), stageOf(measured, "generate")]) {
      expect(layers.map(({ layer }) => layer)).toEqual(layers.map((_, index) => index));
    }
    const prefill = stageOf(measured, "prefill").layers.slice(0, -1);
    expect(new Set(prefill.map(({ nodes }) => nodes)).size).toBe(1);
  }

  it("tells the side branches of a deepstack encoder from its layers", async () => {
    const files = await writeTinyQwen3vlPair(path.join(folder, "deepstack"), { deepstackLayers: 2 });
    const session = await library().load(loadOptions({ ...files, flashAttention: "off" }));
    try {
      const measured = await profiled(session, [256, 160], false);
      const shape = { projector: "qwen3vl_merger", layers: 4, deepstackLayers: 2, flash: false } as const;
      const encode = stageOf(measured, "encode");
      // Its learned positions are 16 x 16 patches, the image 16 x 10.
      expect(countsOf(encode)).toEqual(occurring(encoderCounts(shape)));
      expect(new Set(encode.layers.map(({ nodes }) => nodes)).size).toBe(1);
      expect(countsOf(encode)).not.toEqual(occurring(encoderCounts({ ...shape, deepstackLayers: 1 })));
    } finally {
      await session.free();
    }
  });

  it("can be cancelled in every stage, after which the session works on unprofiled", async () => {
    const session = await library().load(loadOptions());
    try {
      await session.configure(contextOptions({ timeNodes: true }));
      await session.prepare(await screenshot("settings", 1024, 640));
      for (const stage of [() => session.encode(usual.encode), () => session.prefill()]) {
        let outcome: unknown;
        // Where it has ended before it could be cancelled, it has another chance.
        while (outcome === undefined) {
          setImmediate(() => session.cancel());
          outcome = await stage().then(
            () => undefined,
            (error: unknown) => error,
          );
        }
        expect(outcome).toMatchObject({ code: "CANCELLED" });
        await stage();
      }
      const generating = session.generate({
        ...usual.generate,
        maxTokens: 500,
        grammar: "",
        onTokens: () => session.cancel(),
      });
      await expect(generating).rejects.toMatchObject({ code: "CANCELLED" });
      await session.configure(contextOptions());
      expect((await answer(session, noise(64, 64), 3)).tokens).toBeGreaterThan(0);
      expect(await session.nodeTimes()).toEqual([]);
    } finally {
      await session.free();
    }
  });
});
