import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVariants } from "../../../native/index.ts";
import { writePairAbortingInEncode, writePairAbortingInLoad, writePairAbortingInPrefill } from "./crashing-pairs.ts";
import { writeTinyQwen3vlPair } from "./tiny-qwen3vl.ts";

const PROGRAM = fileURLToPath(new URL("run-pair-steps.ts", import.meta.url));

const built = builtVariants().includes("cpu");
if (!built) console.warn("Skipped: the native addon is not built; run `npm run build:native`.");

describe.skipIf(!built)("pairs that abort llama.cpp", () => {
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "crashing-"));
  });

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it.each([
    { when: "in load", write: writePairAbortingInLoad, survives: [] },
    { when: "where prefill is laid out", write: writePairAbortingInPrefill, survives: ["load"] },
    { when: "in encode", write: writePairAbortingInEncode, survives: ["load", "context"] },
  ])("abort $when", async ({ when, write, survives }) => {
    const { modelPath, mmprojPath } = await write(join(dir, when.replaceAll(" ", "-")));
    const { steps, crashed } = run(modelPath, mmprojPath);
    expect(steps).toEqual(survives);
    expect(crashed).toBe(true);
  });

  it("differ from a good pair, which survives everything", async () => {
    const { modelPath, mmprojPath } = await writeTinyQwen3vlPair(join(dir, "good"));
    expect(run(modelPath, mmprojPath)).toEqual({ steps: ["load", "context", "encode", "prefill"], crashed: false });
  });
});

/** `crashed`: the process was ended by a signal, or on Windows by an exception code; a thrown error would exit with 1. */
function run(modelPath: string, mmprojPath: string) {
  const { stdout, signal, status } = spawnSync(process.execPath, ["--import", "tsx", PROGRAM, modelPath, mmprojPath], {
    encoding: "utf8",
    env: { ...process.env, GGML_NO_BACKTRACE: "1" },
  });
  const crashed = signal !== null || (status ?? 0) > 1;
  return { steps: stdout.split("\n").filter((line) => line !== ""), crashed };
}
