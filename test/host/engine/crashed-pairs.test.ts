import { appendFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diedInNativeCode } from "../../../app/host/engine/crash-reason.ts";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../../support/fake-engine.ts";
import { until } from "../../support/patience.ts";

let fake: FakeHost;
let modelPath: string;
let modelId: string;
beforeEach(async () => {
  fake = await startFakeHost();
  const folder = path.join(fake.dataFolder, "..", "user");
  modelPath = await writeFakeGguf(path.join(folder, "m.gguf"), 8);
  const mmprojPath = await writeFakeGguf(path.join(folder, "mmproj.gguf"), 8);
  modelId = (await fake.host.call("models.add", { modelPath, mmprojPath })).id;
});
afterEach(() => fake.dispose());

const run = async (target: string) => {
  const imageId = await fake.addImage();
  return (await fake.host.detect({ imageId, modelId, mode: "locate", target })).done;
};
/** Engines that were started, once the one after a crash is up. */
const engines = async (): Promise<number> => {
  await until(async () => (await fake.host.call("engine.state", {})).state === "idle");
  return fake.engines.length;
};

describe("a model that makes llama.cpp abort", () => {
  it("is told of once and then refused: no engine ends for it again", async () => {
    const first = await run("abort");
    expect(first.error).toMatchObject({
      code: "MODEL_LOAD_FAILED",
      message: expect.stringMatching(/this file is damaged or not for this engine\..*GGML_ASSERT/),
    });
    expect(await engines()).toBe(2);
    for (let again = 0; again < 3; again++) expect((await run("abort")).error).toEqual(first.error);
    expect(await engines()).toBe(2);
    expect((await fake.run("fine")).status).toBe("done");
  });

  it("is tried again when its file has changed", async () => {
    await run("abort");
    expect((await run("fine")).error?.code).toBe("MODEL_LOAD_FAILED");
    await appendFile(modelPath, " ");
    expect((await run("fine")).status).toBe("done");
  });

  it("is tried again when the user loads it", async () => {
    await run("abort");
    await fake.host.call("models.load", { id: modelId });
    expect((await run("fine")).status).toBe("done");
  });

  it("is not blamed if it has worked, nor is the bundled one", async () => {
    await run("fine");
    expect((await run("abort")).error?.code).toBe("ENGINE_CRASHED");
    expect((await run("fine")).status).toBe("done");
    expect((await fake.run("abort")).error?.code).toBe("ENGINE_CRASHED");
  });

  it("is not blamed for an end that has another cause", async () => {
    expect((await run("exit")).error?.code).toBe("ENGINE_CRASHED");
    expect((await run("fine")).status).toBe("done");
  });
});

it.each([
  [{ code: null, signal: "SIGSEGV" }, ["loading"], true],
  [{ code: 134, signal: null }, ["GGML_ASSERT(x) failed"], true],
  [{ code: 0xc0000005, signal: null }, [], true],
  [{ code: null, signal: "SIGKILL" }, [], false],
  [{ code: 7, signal: null }, [], false],
  [{ code: null, signal: "SIGABRT" }, ["CUDA error: out of memory"], false],
  [{ code: null, signal: "SIGABRT" }, ["terminate called: std::bad_alloc"], false],
] as const)("%j with %j is an end in native code: %s", (exit, output, expected) => {
  expect(diedInNativeCode(exit, output)).toBe(expected);
});
