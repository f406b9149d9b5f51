/**
 * What the app's engine reads and writes, for comparing it with the PyTorch model: the prompt's token ids, the image
 * exactly as the vision encoder receives it, and the token ids of the answer.
 *
 *   npx tsx training/detector/engine_tokens.ts <folder with model.gguf and mmproj.gguf> <folder for the result> <image>...
 *
 * Writes `<number>.rgb` (row-major RGB, 8 bits a channel) for each image and `tokens.json`.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { smartResize } from "../../app/engine/geometry.ts";
import { decodeImage, openImage } from "../../app/engine/image/decode.ts";
import { resizeExactly } from "../../app/engine/image/resize.ts";
import { inspectPair } from "../../app/engine/inspect.ts";
import { openNative } from "../../native/index.ts";
import { usual } from "../../test/support/usual-native.ts";

const [pairFolder, resultFolder, ...images] = process.argv.slice(2);
if (pairFolder === undefined || resultFolder === undefined || images.length === 0) {
  throw new Error("usage: engine_tokens.ts <pair folder> <result folder> <image>...");
}
const pair = { modelPath: path.join(pairFolder, "model.gguf"), mmprojPath: path.join(pairFolder, "mmproj.gguf") };
const maxTokens = 2000;

const library = openNative("cpu");
const { traits } = await inspectPair(library, pair);
const { prompt, grammar } = traits.question("detect", "", 400);
const session = await library.load({
  ...usual.load,
  ...pair,
  gpuLayers: 0,
  mmprojOnGpu: false,
  encodeThreads: 2,
  flashAttention: "auto",
  useMmap: true,
});
await session.configure({
  ...usual.context,
  contextTokens: 4096,
  batchTokens: 1024,
  ubatchTokens: 1024,
  generateThreads: 1,
  prefillThreads: 2,
  flashAttention: "auto",
});

const answers = [];
for (const [index, image] of images.entries()) {
  const pixels = await decodeImage(await openImage(image));
  const { rgb, width, height } = await resizeExactly(pixels, smartResize(pixels, traits.sizing));
  await writeFile(path.join(resultFolder, `${index}.rgb`), rgb);
  const { imageTokens, textTokens } = await session.prepare({
    ...usual.prompt,
    rgb,
    width,
    height,
    prompt,
    reserveTokens: 1,
  });
  await session.encode(usual.encode);
  await session.prefill();
  const ids: number[] = [];
  let overruled = 0;
  await session.generate({
    ...usual.generate,
    maxTokens,
    grammar,
    jumpForward: false,
    onTokens: (tokens) => {
      for (const token of tokens) {
        ids.push(token.id);
        if (token.overruled) overruled++;
      }
    },
  });
  answers.push({ image, width, height, imageTokens, textTokens, overruled, tokens: ids });
}
await session.free();

const llama = await getLlama({ gpu: false, logLevel: LlamaLogLevel.error, build: "never" });
const vocabulary = await llama.loadModel({ modelPath: pair.modelPath, vocabOnly: true });
const promptPieces = prompt.split("<__media__>").map((piece) => [...vocabulary.tokenize(piece, true)]);
await llama.dispose();
await writeFile(path.join(resultFolder, "tokens.json"), JSON.stringify({ promptPieces, answers }));
