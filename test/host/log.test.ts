import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { logLevel, openLog } from "../../app/host/log.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-log-"));
});
afterEach(async () => {
  delete process.env.HOLOSCOPE_LOG_LEVEL;
  await rm(folder, { recursive: true, force: true });
});

describe("the log", () => {
  it("keeps levels and fields, one JSON line each, and leaves debug lines out", async () => {
    const log = openLog(folder);
    log.write("debug", "engine: create_tensor: loading tensor x");
    log.write("warn", "engine: something odd", { code: 7 });
    log.close();
    const lines = (await readFile(log.file, "utf8")).trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", msg: "engine: something odd", code: 7 });
  });

  it("keeps debug lines when asked to", async () => {
    process.env.HOLOSCOPE_LOG_LEVEL = "debug";
    const log = openLog(folder);
    log.write("debug", "engine: create_tensor: loading tensor x");
    log.close();
    expect((await log.tail(5))[0]).toMatch(/ DEBUG engine: create_tensor/);
    expect(logLevel({ HOLOSCOPE_LOG_LEVEL: "nonsense" })).toBe("info");
    expect(logLevel({})).toBe("info");
  });

  it("is put aside when full, and its tail reaches back into the old file", async () => {
    const log = openLog(folder);
    const filler = "x".repeat(1000);
    const count = 2300; // a little more than one file of 2 MiB
    for (let i = 0; i < count; i++) log.write("info", `line ${i} ${filler}`);
    log.close();
    const newest = (await readFile(log.file, "utf8")).split("\n").length - 1;
    expect(newest).toBeLessThan(count / 2);
    const tail = await log.tail(newest + 50);
    expect(tail).toHaveLength(newest + 50);
    expect(tail[0]).toContain(`line ${count - newest - 50} `);
    expect(tail.at(-1)).toContain(`line ${count - 1} `);
    expect(await log.tail(0)).toEqual([]);
  });
});
