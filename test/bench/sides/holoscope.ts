import type { DetectOverrides, DetectRequestInput, RunRecord } from "../../../app/contract/index.ts";
import type { RealHost } from "../../support/real-host.ts";
import type { BenchStage } from "../result.ts";
import { atOnce, type Measured, peakOf, type Side } from "./side.ts";

export interface HoloscopeWork {
  readonly modelId?: string;
  readonly backend: NonNullable<DetectRequestInput["backend"]>;
  readonly overrides: DetectOverrides;
  /** Elements asked for; the second question asks for one fewer, so that it is not the very same. */
  readonly maxDetections: number;
}

/** The run's figures in the stages that all sides share. */
export function measuredOf(run: RunRecord, wallMs: number): Measured {
  if (run.result === undefined) throw new Error(`The run did not finish: ${run.error?.code} ${run.error?.message}`);
  const stage = (name: string) => run.stages.find((one) => one.stage === name);
  const ms = (name: string): number => stage(name)?.ms ?? 0;
  const parts = stage("prefill")?.parts ?? [];
  const part = (name: string): number | undefined => parts.find((one) => one.name === name)?.ms;
  const reused = run.stages.filter((one) => one.reused === true).map((one) => one.stage);
  const [image, text] = [part("image"), part("text")];
  const stages: Partial<Record<BenchStage, number>> = {
    decode: ms("decode"),
    preprocess: ms("preprocess"),
    input: ms("decode") + ms("preprocess"),
    ...(reused.includes("encode") ? {} : { encode: ms("encode") }),
    ...(image === undefined ? {} : { imagePrefill: image }),
    ...(text === undefined ? {} : { textPrefill: text }),
    generate: ms("generate"),
  };
  const { tokens, firstDetectionMs } = run.result;
  return {
    totalMs: run.totalMs,
    wallMs,
    stages,
    ...(firstDetectionMs === undefined ? {} : { firstBoxMs: firstDetectionMs }),
    imageTokens: tokens.image,
    newTokens: tokens.generated,
    reused,
    answer: run.result.rawOutput,
  };
}

/** The whole application: host, engine process, streaming, run record. */
export function holoscopeSide(real: RealHost, work: HoloscopeWork): Side {
  const detect = async (imageId: string, maxDetections: number): Promise<Measured> => {
    const start = performance.now();
    // Without `useCache`: a stored answer is no measurement.
    const run = await real.run({
      imageId,
      backend: work.backend,
      profile: "quality",
      overrides: { ...work.overrides, maxDetections },
      ...(work.modelId === undefined ? {} : { modelId: work.modelId }),
    });
    return measuredOf(run, performance.now() - start);
  };
  const add = async (image: string): Promise<string> => (await real.host.call("images.addPath", { path: image })).id;
  const { maxDetections } = work;
  return {
    name: "holoscope",
    note: "the whole application: host, engine process, grammar, confidences, streamed elements, run record",
    first: async (image) => detect(await add(image), maxDetections),
    second: async (image) => detect(await add(image), maxDetections - 1),
    batch: async (images) => {
      const ids: string[] = [];
      for (const image of images) ids.push(await add(image));
      // Queued all together: the engine prepares the next image while it answers one (setting `prefetch`).
      return atOnce(ids, (id) => detect(id, maxDetections));
    },
    peakBytes: () => peakOf(real.engines.at(-1)?.pid),
    end: () => real.dispose(),
  };
}
