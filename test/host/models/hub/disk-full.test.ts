import { spawnSync } from "node:child_process";
import { appendFile, mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeHost, startFakeHost } from "../../../support/fake-engine.ts";
import { FakeHub } from "../../../support/fake-hub.ts";
import { finishedJob } from "../../../support/finished-job.ts";
import { limits, until } from "../../../support/patience.ts";

/** Bytes: what Holoscope wants to keep free (16 MiB), and some MB for the model. */
const diskBytes = 22 * 1024 * 1024;
const modelBytes = 4_000_000;

const mount = (folder: string): boolean =>
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${diskBytes}`, "tmpfs", folder]).status === 0;

/** A disk that becomes full while a model is downloaded to it. */
describe("a full disk", () => {
  let hub: FakeHub;
  let fake: FakeHost;
  let disk: string;
  let mounted = false;
  beforeEach(async () => {
    const file = (path: string, salt: string, bytes: number) => ({
      path,
      bytes: Buffer.from(JSON.stringify({ width: 8, salt }).padEnd(bytes)),
    });
    hub = await FakeHub.start([file("m-Q8_0.gguf", "model", modelBytes), file("mmproj-f16.gguf", "mmproj", 1000)]);
    fake = await startFakeHost({
      env: { HF_ENDPOINT: hub.endpoint },
      hubTimings: { idle: limits.wait, backOff: 2, tries: 3 },
    });
    disk = path.join(fake.dataFolder, "models");
    await mkdir(disk, { recursive: true });
    mounted = mount(disk);
  });
  afterEach(async () => {
    await fake.host.close();
    if (mounted) spawnSync("umount", [disk]);
    await fake.dispose();
    await hub.close();
  });

  it("ends the download with DISK_FULL; with room again it goes on", async ({ skip }) => {
    if (!mounted) {
      console.warn("Skipped: no small disk could be mounted (needs root on Linux with mount rights).");
      skip();
    }
    hub.pace = 16_384;
    const filler = path.join(disk, "filler");
    const pull = () =>
      finishedJob(fake.host, fake.host.call("models.pull", { reference: "a/b", model: "m-Q8_0.gguf" }));
    const pulling = pull();
    await until(() => hub.sent > 500_000);
    const full = await appendFile(filler, Buffer.alloc(diskBytes)).catch((error: NodeJS.ErrnoException) => error.code);
    expect(full).toBe("ENOSPC");
    expect((await pulling).at(-1)).toMatchObject({
      state: "failed",
      error: { code: "DISK_FULL", hint: expect.stringContaining("Free some space") },
    });
    const fetched = (await stat(path.join(disk, "a--b", "m-Q8_0.gguf.part"))).size;
    expect(fetched).toBeGreaterThan(100_000);
    expect(fetched).toBeLessThan(modelBytes);
    hub.pace = undefined;
    const before = hub.fetches.length;
    expect((await pull()).at(-1)).toMatchObject({ error: { code: "DISK_FULL" } });
    expect(hub.fetches.length).toBe(before);
    await rm(filler);
    expect((await pull()).at(-1)).toMatchObject({ state: "done", resumedBytes: fetched });
    expect((await stat(path.join(disk, "a--b", "m-Q8_0.gguf"))).size).toBe(modelBytes);
  });
});
