/** A program that takes one pair through load, context and encode, and names each step it survives on stdout. */
import { writeSync } from "node:fs";
import { inspectPair } from "../../../app/engine/inspect.ts";
import { openNative } from "../../../native/index.ts";
import { usual } from "../usual-native.ts";

const [modelPath, mmprojPath] = process.argv.slice(2);
if (modelPath === undefined || mmprojPath === undefined) throw new Error("Usage: run-pair-steps <model> <mmproj>");

// Throws if the headers are not sound, which is no crash.
await inspectPair({ modelPath, mmprojPath });
const session = await openNative("cpu").load({
  ...usual.load,
  modelPath,
  mmprojPath,
  gpuLayers: 0,
  mmprojOnGpu: false,
  encodeThreads: 1,
  flashAttention: "off",
  useMmap: true,
});
survived("load");
await session.configure({
  ...usual.context,
  contextTokens: 512,
  batchTokens: 256,
  ubatchTokens: 256,
  generateThreads: 1,
  prefillThreads: 1,
  flashAttention: "off",
});
const side = 128;
const rgb = new Uint8Array(side * side * 3);
await session.prepare({
  ...usual.prompt,
  rgb,
  width: side,
  height: side,
  prompt: "<__media__>Detect",
  reserveTokens: 8,
});
survived("context");
await session.encode(usual.encode);
survived("encode");
await session.prefill();
survived("prefill");
await session.free();

/** Synchronous, so that nothing is lost when the next step aborts the process. */
function survived(step: string): void {
  writeSync(1, `${step}\n`);
}
