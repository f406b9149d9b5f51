import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageLimits } from "../../app/contract/index.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

let folder: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-storage-"));
  environment = new RecordingEnvironment();
  environment.host.overrides.set("storage.usage", () => ({
    images: { count: 2, bytes: 3_100_000 },
    runs: { count: 5, bytes: 40_000 },
    truth: { count: 0, bytes: 0 },
    trash: { count: 1, bytes: 900 },
  }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const removed = { images: 2, runs: 5, bytes: 3_140_000 };
const asked = () => environment.host.calls.map(({ method }) => method);

describe("holoscope storage", () => {
  it("shows what is kept, where, and by which settings", async () => {
    const { code, out } = await environment.run("storage");
    expect(code).toBe(0);
    expect(out).toMatch(/^Screenshots +2 +3\.1 MB$/m);
    expect(out).toMatch(/^Runs +5 +40\.0 kB$/m);
    expect(out).toContain("Keep for days: 0 (for ever)");
    expect(out).toContain("Keep what services are sent: Off");
    expect(out).toContain(`in ${environment.host.folder}`);
  });

  it("deletes by file, whatever it is called, and by id", async () => {
    environment.host.overrides.set("images.delete", () => ({ images: 1, runs: 3, bytes: 1000 }));
    const file = path.join(folder, "screen.png");
    writeFileSync(file, "pixels");
    const id = createHash("sha256").update("pixels").digest("hex");
    const { code, out } = await environment.run("storage", "delete", file, "e".repeat(64));
    expect(code).toBe(0);
    expect(out).toContain(`${file}: deleted 1 screenshot and 3 runs, 1.0 kB`);
    const calls = environment.host.calls.filter(({ method }) => method === "images.delete");
    expect(calls.map(({ params }) => params)).toEqual([{ ids: [id] }, { ids: ["e".repeat(64)] }]);
  });

  it("says so when nothing is kept of an image, or its file is not there", async () => {
    environment.host.overrides.set("images.delete", () => ({ images: 0, runs: 0, bytes: 0 }));
    expect((await environment.run("storage", "delete", "f".repeat(64))).out).toContain("nothing is kept of it");
    const { code, err } = await environment.run("storage", "delete", path.join(folder, "none.png"));
    expect(code).toBe(1);
    expect(err).toContain("give the image's id");
  });

  it("reads nothing that is no file, or larger than an image", async () => {
    const huge = path.join(folder, "huge.png");
    writeFileSync(huge, "");
    truncateSync(huge, imageLimits.maxBytes + 1);
    const endless = process.platform === "win32" ? [] : ["/dev/zero"];
    for (const file of [huge, folder, ...endless]) {
      const { code, err } = await environment.run("storage", "delete", file);
      expect(code).toBe(1);
      expect(err).toContain(`"${file}" is not a regular file, or larger than 67.1 MB.`);
    }
    expect(asked()).not.toContain("images.delete");
  });

  it("clears only what the user agreed to", async () => {
    environment.host.overrides.set("storage.clear", () => removed);
    const refused = await environment.run("storage", "clear");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("--yes");
    const questions: string[] = [];
    const answering = (answer: string) =>
      Object.assign(environment, {
        ask: async (question: string) => {
          questions.push(question);
          return answer;
        },
      });
    for (const no of ["", "n", "yeah no"]) await answering(no).run("storage", "clear");
    expect(questions[0]).toContain("2 screenshots and 5 runs");
    expect(asked()).not.toContain("storage.clear");
    expect((await answering("y").run("storage", "clear")).out).toContain("Deleted 2 screenshots and 5 runs, 3.1 MB");
    await environment.run("storage", "clear", "--yes");
    expect(asked().filter((method) => method === "storage.clear")).toHaveLength(2);
  });

  it("tidies when asked", async () => {
    environment.host.overrides.set("storage.tidy", () => removed);
    expect((await environment.run("storage", "tidy")).out).toBe("Deleted 2 screenshots and 5 runs, 3.1 MB\n");
  });
});
