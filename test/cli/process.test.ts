import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runRecordSchema } from "../../app/contract/index.ts";
import { until } from "../support/patience.ts";
import { samplePath } from "../support/repository.ts";
import { type Ended, startCli, whenEnded } from "./built-cli.ts";

/** The built command line with the real engine, as its own process. */
describe("the built command line", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-built-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const cli = (...args: string[]): Promise<Ended> => whenEnded(startCli(args, path.join(folder, "data")));

  it("detects, prints both tables and writes record and overlay", async () => {
    const out = path.join(folder, "out");
    const result = await cli("detect", samplePath("settings"), "--json", out, "--overlay", out);
    expect(result.code, result.err).toBe(0);
    expect(result.out.match(/^ *e\d+ /gm)?.length).toBeGreaterThanOrEqual(10);
    const msOf = (name: string) => {
      const [, shown, unit] = new RegExp(`^${name} +<?([\\d.]+) (ms|s)\\b`, "m").exec(result.out) ?? [];
      return Number(shown) * (unit === "s" ? 1000 : 1);
    };
    const stages = ["decode", "preprocess", "encode", "prefill", "generate", "parse", "other"].map(msOf);
    const sum = stages.reduce((total, ms) => total + ms, 0);
    expect(Math.abs(sum - msOf("total"))).toBeLessThanOrEqual(msOf("total") * 0.02);
    const run = runRecordSchema.parse(JSON.parse(readFileSync(path.join(out, "settings.run.json"), "utf8")));
    expect(run.status).toBe("done");
    const overlay = await sharp(path.join(out, "settings.overlay.png")).metadata();
    expect([overlay.width, overlay.height]).toEqual([run.image.width, run.image.height]);
  });

  it("goes on after a file that is no image, and fails in the end", async () => {
    const result = await cli("detect", samplePath("../../package").replace(/png$/, "json"), samplePath("shop"));
    expect(result.code).toBe(1);
    expect(result.err).toMatch(/^error: .*package\.json: /);
    expect(result.err).not.toContain("    at ");
    expect(result.out).toMatch(/^total/m);
  });

  it("ends with 2 for a wrong command line, without starting anything", async () => {
    const result = await cli("detect", samplePath("shop"), "--profile", "turbo");
    expect(result).toMatchObject({ code: 2, out: "" });
  });

  it.skipIf(process.platform === "win32")("ends with 130 at Ctrl-C, with nothing left running", async () => {
    const child = startCli(["detect", samplePath("shop"), "--repeat", "1000"], path.join(folder, "data"));
    const ended = whenEnded(child);
    const runs = path.join(folder, "data/runs");
    const before = readdirSync(runs).length;
    await until(() => child.exitCode !== null || readdirSync(runs).length > before);
    expect(child.exitCode).toBeNull();
    child.kill("SIGINT");
    // `close` comes only when everyone who holds the pipes is gone, an engine left behind included.
    expect((await ended).code).toBe(130);
  });
});
