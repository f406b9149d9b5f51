import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationSchema } from "../../../app/contract/index.ts";
import { writeOsworldG, writeScreenSpot } from "../../support/evaluation-sets.ts";
import { writeTinyQwen25vlPair } from "../../support/gguf/tiny-qwen25vl.ts";
import { until } from "../../support/patience.ts";
import { type Ended, startCli, whenEnded } from "../built-cli.ts";

/** The built command line with the real engine and the bundled detector, as its own process. */
describe("holoscope eval, built", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-eval-built-"));
    await writeScreenSpot(path.join(folder, "spot"), "v1");
    await writeOsworldG(path.join(folder, "osworld"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (set: string, out: string, ...more: string[]) =>
    startCli(["eval", path.join(folder, set), "--out", path.join(folder, out), ...more], path.join(folder, "data"));
  const reportOf = (out: string) =>
    evaluationSchema.parse(JSON.parse(readFileSync(path.join(folder, out, "report.json"), "utf8")));
  const linesOf = (out: string): number => {
    const file = path.join(folder, out, "journal.jsonl");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  };
  const finished = async (set: string, out: string, ...more: string[]): Promise<Ended> => {
    const ended = await whenEnded(start(set, out, ...more));
    expect(ended.code, ended.err).toBe(0);
    return ended;
  };

  it("killed at two points goes on and ends as one that was not", async () => {
    await finished("spot", "whole");
    for (const answers of [1, 3]) {
      const child = start("spot", "killed");
      const ended = whenEnded(child);
      await until(() => child.exitCode !== null || linesOf("killed") >= answers);
      child.kill("SIGKILL");
      await ended;
    }
    await finished("spot", "killed");
    const essence = (out: string) => {
      const { items, datasets, answers } = reportOf(out);
      return { datasets, answers, items: items.map(({ runId: _, ms: __, reused: ___, ...item }) => item) };
    };
    expect(essence("killed")).toEqual(essence("whole"));
    expect(linesOf("killed")).toBe(linesOf("whole"));
    expect(reportOf("whole").datasets[0]?.columns.at(-1)).toMatchObject({ items: 6, errors: 0 });
  });

  it("evaluates a model that answers at random, refusals included", async () => {
    const { modelPath } = await writeTinyQwen25vlPair(path.join(folder, "pair"));
    await finished("osworld", "tiny", "--model", modelPath, "--set", "maxImageTokens=64", "--refine", "1");
    const { datasets, items } = reportOf("tiny");
    expect(datasets.map(({ columns }) => columns.at(-1)?.items)).toEqual([3, 3]);
    for (const { groups, point, correct } of items) {
      if (groups.includes("refusal")) expect(correct).toBe(point === undefined);
    }
  });
});
