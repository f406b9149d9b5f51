import { z } from "zod";
import { machineSchema, modelFileSchema } from "../../app/contract/index.ts";

/** The stages that all sides are put into; a side reports those that it can tell apart. All in ms. */
export const benchStages = [
  /** Image file to RGB. */
  "decode",
  /** Resizing and tokenising. */
  "preprocess",
  /** The two above as one, which every side reports. */
  "input",
  "encode",
  "imagePrefill",
  "textPrefill",
  "generate",
] as const;
export type BenchStage = (typeof benchStages)[number];

export const sideNames = ["holoscope", "bare", "mtmd-cli", "server"] as const;
export const sideNameSchema = z.enum(sideNames);
export type SideName = z.infer<typeof sideNameSchema>;

/** ms, or a ratio. */
export const spreadSchema = z.object({
  median: z.number(),
  p5: z.number(),
  p95: z.number(),
  min: z.number(),
  max: z.number(),
  runs: z.int().min(1),
});

export const sideResultSchema = z.object({
  name: sideNameSchema,
  /** What is special about how this side was run. */
  note: z.string(),
  stages: z.partialRecord(z.enum(benchStages), spreadSchema),
  total: spreadSchema,
  /** Of the same round: this side's total over Holoscope's. */
  ratio: spreadSchema,
  /** From the caller's side, ms: start-up, transport and all. */
  wall: spreadSchema,
  /** ms from the start of a detection to the first whole element; absent if the answers held none. */
  firstBox: spreadSchema.optional(),
  /** A second question about the screenshot that was just asked about, ms in total, and over the first question's total. */
  second: z.object({ total: spreadSchema, ofFirst: spreadSchema, reused: z.array(z.string()) }),
  /** Most resident memory the process ever had, bytes; absent where the system does not tell. */
  peakBytes: z.number().optional(),
  imageTokens: z.int().optional(),
  newTokens: z.int(),
  /** Rounds whose answer was Holoscope's, letter for letter. */
  sameAnswers: z.int(),
});
export type SideResult = z.infer<typeof sideResultSchema>;

const bySide = z.partialRecord(sideNameSchema, z.number());

export const benchResultSchema = z.object({
  schema: z.literal("holoscope.bench"),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  machine: machineSchema,
  /** Processes ready to run, over the last minute, before and after; other load falsifies the times. */
  loadAverage: z.object({ before: z.number(), after: z.number() }),
  versions: z.object({ llamaCpp: z.string(), node: z.string(), backend: z.string(), devices: z.array(z.string()) }),
  model: z.object({ name: z.string(), files: z.array(modelFileSchema.omit({ sha256: true, tensorTypes: true })) }),
  input: z.object({
    image: z.string(),
    width: z.int(),
    height: z.int(),
    /** px that Holoscope gave the encoder. */
    modelWidth: z.int(),
    modelHeight: z.int(),
    imageTokens: z.int(),
    textTokens: z.int(),
  }),
  settings: z.object({
    newTokens: z.int(),
    runs: z.int(),
    threads: z.int(),
    generateThreads: z.int(),
    contextTokens: z.int(),
    batchTokens: z.int(),
    maxImageTokens: z.int(),
    /** Fields of Holoscope's settings that were given by hand. */
    overrides: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  sides: z.array(sideResultSchema),
  leftOut: z.array(z.object({ name: sideNameSchema, reason: z.string() })),
  /**
   * Images handed over at once, ms an image that each side took, and images a second between its first answer and its
   * last, which the first image's way through and what is done only once are not part of (no value for one image).
   */
  batches: z.array(z.object({ images: z.int(), msPerImage: bySide, steadyPerSecond: bySide })),
  /** Median total and encode, in ms, by image tokens. */
  growth: z.array(
    z.object({ imageTokens: z.int(), width: z.int(), height: z.int(), total: bySide, encode: bySide, runs: z.int() }),
  ),
});
export type BenchResult = z.infer<typeof benchResultSchema>;
