import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { detectSettingsSchema, resolveSettings } from "../../../app/contract/index.ts";
import { estimateFits } from "../../../app/host/doctor/fits.ts";
import { spawnNode } from "../../../app/host/engine/spawn-node.ts";
import { kv } from "../../support/gguf/metadata.ts";
import { writeGguf } from "../../support/gguf/writer.ts";
import { NANO, repositoryRoot } from "../../support/repository.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "holoscope-fits-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const question = (modelPath: string) => ({
  model: { modelPath },
  mmprojBytes: 10_000_000,
  settings: detectSettingsSchema.parse(resolveSettings("balanced", {})),
  devices: [{ name: "CPU", description: "", type: "cpu" as const, backend: "CPU", memoryFree: 8e9, memoryTotal: 8e9 }],
  onGpu: false,
});
const builtProgram = path.join(repositoryRoot, "dist/main/fits-worker.js");
const never = { signal: new AbortController().signal, spawn: spawnNode };
const program = async (name: string, text: string): Promise<string> => {
  const file = path.join(dir, name);
  await writeFile(file, text);
  return file;
};

// Needs `npm run setup` (dist/main/fits-worker.js); `npm test` does it first.
it("estimates for several image sizes, in a process of its own", async () => {
  const fits = await estimateFits(question(NANO.modelPath), never);
  expect(fits.map(({ imageTokens, fits: holds }) => [imageTokens, holds])).toEqual([
    [640, true],
    [1280, true],
    [2691, true],
  ]);
  expect(fits[0]?.cpuBytes).toBeGreaterThan(10_000_000);
});

it("is ended when it takes too long, and says so", async () => {
  const endless = await program("endless.mjs", "for (;;) {}");
  const ended = estimateFits(question(NANO.modelPath), { ...never, program: endless, limitMs: 100 });
  await expect(ended).rejects.toMatchObject({
    code: "ENGINE_TIMEOUT",
    message: expect.stringContaining("was ended"),
    hint: expect.stringContaining("header"),
  });
});

it("is ended when the examination is cancelled", async () => {
  const cancel = new AbortController();
  const endless = await program("endless.mjs", "for (;;) {}");
  const ended = estimateFits(question(NANO.modelPath), { ...never, signal: cancel.signal, program: endless });
  cancel.abort();
  await expect(ended).rejects.toMatchObject({ code: "CANCELLED" });
});

it.each([
  ["throws", 'throw new Error("boom")'],
  ["just ends", ""],
  ["dies of its native parts", "process.abort();"],
  ["answers nonsense", 'process.send([{ imageTokens: "many" }]);'],
  ["takes all memory", "const all = []; for (;;) all.push(new Array(1e6).fill(all.length));"],
])("fails alone when the process %s", async (name, text) => {
  const file = await program(`${name}.mjs`, text);
  const failure = estimateFits(question(NANO.modelPath), { ...never, program: file });
  await expect(failure).rejects.toMatchObject({ code: "INTERNAL", message: "The estimate of what fits failed." });
});

describe("a header that claims 2^31 blocks", () => {
  let file: string;
  beforeAll(async () => {
    file = path.join(dir, "claims.gguf");
    await writeGguf(file, {
      metadata: { "general.architecture": kv.string("qwen3vl"), "qwen3vl.block_count": kv.u32(2 ** 31) },
      tensors: [],
    });
  });

  it("is refused before a process is started", async () => {
    const refused = estimateFits(question(file), { ...never, program: path.join(dir, "not there.mjs") });
    await expect(refused).rejects.toMatchObject({ code: "NOT_A_GGUF" });
  });

  // A parent that was killed ends nothing. Without that header's check the estimate never gives its thread back.
  it("cannot make the process outlive its limit, even if nobody ends it", async () => {
    const child = spawnNode(builtProgram, { args: [JSON.stringify(question(file)), "3000"] });
    onTestFinished(() => child.kill());
    const exit = await new Promise((resolve) => child.onExit(resolve));
    expect(exit).toEqual({ code: null, signal: "SIGKILL" });
  });
});
