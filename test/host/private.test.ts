import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeOutputFile } from "../../app/host/disk/atomic.ts";
import { type FakeHost, startFakeHost } from "../support/fake-engine.ts";

const rights = process.platform !== "win32";
if (!rights) console.warn("Modes of files are not tested: Windows keeps rights in another way.");

let fake: FakeHost;
beforeEach(async () => {
  fake = await startFakeHost();
});
afterEach(() => fake.dispose());

/** Every file and folder below one, as "path mode". */
async function modesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return Promise.all(
    entries.map(async (name) => `${name} ${((await stat(path.join(folder, name))).mode & 0o777).toString(8)}`),
  );
}

it.skipIf(!rights)("what the host keeps is closed to other users of the machine", async () => {
  const { id } = await fake.run("fine");
  await fake.host.call("runs.annotate", { runId: id, name: "first" });
  await fake.host.call("settings.update", { theme: "dark" });
  await fake.host.call("runs.delete", { runId: (await fake.run("fine too")).id });
  const modes = await modesBelow(fake.dataFolder);
  expect(modes).toContainEqual(expect.stringMatching(/^runs.[\d-]+-[0-9a-f]+\.json 600$/));
  expect(modes).toContainEqual(expect.stringMatching(/^images.[0-9a-f]{64} 600$/));
  expect(modes).toContain("settings.json 600");
  expect(modes).toContainEqual(expect.stringMatching(/^logs.holoscope\.log 600$/));
  expect(modes.filter((line) => !/ [67]00$/.test(line))).toEqual([]);
});

it.skipIf(!rights)(
  "what an earlier version left open is closed, and a folder that holds other things is left",
  async () => {
    await mkdir(path.join(fake.dataFolder, "other"));
    await writeFile(path.join(fake.dataFolder, "settings.json"), "{}");
    for (const [name, mode] of [
      ["images", 0o755],
      ["other", 0o755],
      ["settings.json", 0o644],
      [".", 0o755],
    ] as const) {
      await mkdir(path.join(fake.dataFolder, "images"), { recursive: true });
      await chmod(path.join(fake.dataFolder, name), mode);
    }
    await fake.again();
    const modes = await modesBelow(fake.dataFolder);
    expect(modes).toEqual(expect.arrayContaining(["images 700", "other 755", "settings.json 600"]));
    expect((await stat(fake.dataFolder)).mode & 0o777).toBe(0o755);
  },
);

it.skipIf(!rights)("a file that the user asked for has the user's usual rights", async () => {
  const file = path.join(fake.dataFolder, "out", "boxes.png");
  await writeOutputFile(file, "x", "the overlay");
  expect((await stat(file)).mode & 0o777).toBe(0o666 & ~process.umask());
});
