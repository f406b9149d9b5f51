import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeHub } from "../support/fake-hub.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { until } from "../support/patience.ts";
import { type Ended, startCli, whenEnded } from "./built-cli.ts";

const repository = "some-org/Tiny-VL-GGUF";

/** `holoscope models pull` as a user runs it, against a hub on this machine, with the real engine at the end. */
describe("pulling with the built command line", () => {
  let folder: string;
  let hub: FakeHub;
  let model: { path: string; bytes: Buffer };
  let mmproj: { path: string; bytes: Buffer };
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-pull-"));
    const pair = await writeTinyQwen25vlPair(folder, { type: "f32", modelType: "f32", name: "Tiny VL" });
    model = { path: "Tiny-VL-F32.gguf", bytes: await readFile(pair.modelPath) };
    mmproj = { path: "mmproj-Tiny-VL-F32.gguf", bytes: await readFile(pair.mmprojPath) };
    hub = await FakeHub.start([model, mmproj]);
  });
  afterAll(async () => {
    await hub.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (data: string, ...args: string[]): ChildProcess =>
    startCli(["models", ...args], path.join(folder, data), { HF_ENDPOINT: hub.endpoint, NO_PROXY: "127.0.0.1" });
  const cli = (data: string, ...args: string[]): Promise<Ended> => whenEnded(start(data, ...args));

  /** Starts a pull and ends it with SIGKILL as soon as `reached` holds; whether it was still running then. */
  async function pullUntilKilled(
    data: string,
    reached: (text: string) => boolean | Promise<boolean>,
  ): Promise<boolean> {
    const child = start(data, "pull", `hf:${repository}`);
    let text = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    const ended = whenEnded(child);
    await until(async () => child.exitCode !== null || (await reached(text)));
    const killed = child.kill("SIGKILL");
    await ended;
    return killed;
  }

  it.skipIf(process.platform === "win32")(
    "goes on after being killed at five points, and ends with the right bytes",
    async () => {
      const home = path.join(folder, "killed/models", repository.replace("/", "--"));
      const partOf = async (file: { path: string }): Promise<number> =>
        stat(path.join(home, `${file.path}.part`)).then(
          ({ size }) => size,
          () => 0,
        );
      const isThere = (name: string): Promise<boolean> =>
        stat(path.join(home, name)).then(
          () => true,
          () => false,
        );
      // Some seconds for the whole, so that there is time to hit each point.
      hub.pace = Math.ceil((model.bytes.length + mmproj.bytes.length) / 400);
      const points: readonly (readonly [name: string, reached: (text: string) => boolean | Promise<boolean>])[] = [
        ["before the first byte", () => isThere(`${model.path}.part.json`)],
        ["at 30 % of the model", async () => (await partOf(model)) > model.bytes.length * 0.3],
        ["at 80 % of the model", async () => (await partOf(model)) > model.bytes.length * 0.8],
        ["while the model is verified", (text) => text.includes(`Checking ${model.path}`)],
        ["at half of the mmproj", async () => (await partOf(mmproj)) > mmproj.bytes.length * 0.5],
      ];
      let emptyStops = 0;
      for (const [name, reached] of points) {
        expect(await pullUntilKilled("killed", reached), name).toBe(true);
        expect(await isThere(mmproj.path), name).toBe(false);
        const listed = await cli("killed", "list");
        expect(listed.code, listed.err).toBe(0);
        expect(listed.out, name).not.toMatch(/^ +tiny-vl/m);
        const whole = await isThere(model.path);
        const fetched = await partOf(whole ? mmproj : model);
        if (fetched === 0) emptyStops += 1;
        if (fetched > 0)
          expect(listed.out, `${name}: ${String(whole)}`).toContain("Unfinished: some-org--Tiny-VL-GGUF/");
      }
      const starts = hub.fetches.map(({ range }) => Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0));
      expect(starts.filter((at) => at > model.bytes.length * 0.3).length).toBeGreaterThanOrEqual(1);

      hub.pace = undefined;
      const done = await cli("killed", "pull", `hf:${repository}`);
      expect(done.code, done.err).toBe(0);
      expect(done.out).toContain("were here already");
      for (const { path: name, bytes } of [model, mmproj]) {
        const hash = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
        expect(hash(await readFile(path.join(home, name)))).toBe(hash(bytes));
      }
      expect((await readdir(home)).sort()).toEqual([model.path, mmproj.path].sort());
      // A body was asked for from its beginning only where no byte of it was there.
      expect(hub.fetches.filter(({ range }) => range === undefined).length).toBeLessThanOrEqual(2 + emptyStops);
      const listed = await cli("killed", "list");
      expect(listed.out).toMatch(/^ +tiny-vl-f32 +Tiny VL +qwen25vl/m);
    },
  );

  it("asks which one where there are several, and nobody can answer", async () => {
    hub.files = [model, { ...model, path: "Tiny-VL-Q8_0.gguf" }, mmproj];
    const several = await cli("choice", "pull", repository);
    expect(several.code).toBe(2);
    expect(several.out).toContain("Tiny-VL-Q8_0.gguf");
    expect(several.err).toContain("--quant");
    const listed = await cli("choice", "pull", repository, "--list");
    expect(listed).toMatchObject({ code: 0, err: "" });
    const wrong = await cli("choice", "pull", repository, "--quant", "Q5_K_M");
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain("Name one of: ");
    const right = await cli("choice", "pull", repository, "--quant", "q8_0", "--name", "Chosen");
    expect(right.code, right.err).toBe(0);
    expect(right.out).toContain("Pulled Chosen as tiny-vl-q8_0");
    expect(right.err).toMatch(/^Downloading Tiny-VL-Q8_0\.gguf \([\d.]+ MB\)\nChecking Tiny-VL-Q8_0\.gguf/);
    const removed = await cli("choice", "remove", "tiny-vl-q8_0", "--files");
    expect(removed.out).toMatch(/deleted its files \([\d.]+ MB\)/);
    expect((await cli("choice", "remove", "tiny-vl-q8_0")).code).toBe(2);
    hub.files = [model, mmproj];
  });

  it("names the files of a pull that is no GGUF, and removes them", async () => {
    hub.files = [{ path: "Broken-Q8_0.gguf", bytes: Buffer.from("an error page") }, mmproj];
    const pulled = await cli("broken", "pull", repository);
    expect(pulled.code).toBe(1);
    expect(pulled.err).toMatch(/not a valid GGUF file[\s\S]*can be removed/);
    const listed = await cli("broken", "list");
    const commands = [...listed.out.matchAll(/holoscope models discard (\S+)/g)].map(([, id = ""]) => id);
    expect(commands).toHaveLength(2);
    for (const id of commands) expect(await cli("broken", "discard", id)).toMatchObject({ code: 0, err: "" });
    expect((await cli("broken", "list")).out).not.toContain("discard");
    hub.files = [model, mmproj];
  });

  it("tells of a list of models that it cannot read, and where it is kept", async () => {
    await mkdir(path.join(folder, "newer"));
    await writeFile(path.join(folder, "newer/models.json"), '{"version":2,"models":[]}');
    const listed = await cli("newer", "list");
    expect(listed.code).toBe(0);
    expect(listed.err).toMatch(/models\.json: The file is of version 2[\s\S]*is kept as models\.broken-/);
    expect((await cli("newer", "list")).err).toBe("");
  });

  it("says in one line that it is offline", async () => {
    const child = startCli(["models", "pull", repository], path.join(folder, "offline"), {
      HF_ENDPOINT: "http://127.0.0.1:9",
      NO_PROXY: "127.0.0.1",
    });
    const offline = await whenEnded(child);
    expect(offline.code).toBe(1);
    expect(offline.err.trim().split("\n")).toEqual([
      "error: The hub 127.0.0.1:9 cannot be reached.",
      expect.stringMatching(/^hint: .*HTTPS_PROXY.*Models that are on the disk work/),
    ]);
  });

  it.skipIf(process.platform === "win32")("keeps what it has at Ctrl-C", async () => {
    hub.pace = Math.ceil(model.bytes.length / 400);
    const before = hub.sent;
    const child = start("interrupted", "pull", repository);
    const ended = whenEnded(child);
    await until(() => hub.sent - before >= model.bytes.length / 4);
    child.kill("SIGINT");
    const { code, err } = await ended;
    hub.pace = undefined;
    expect(err).toContain("cancelled");
    expect(code).toBe(130);
    const again = await cli("interrupted", "pull", repository);
    expect(again.out, again.err).toContain("were here already");
  });

  it("suggests references", async () => {
    const suggested = await cli("none", "suggest");
    expect(suggested.code).toBe(0);
    for (const name of ["Holo1.5-7B", "Holo1.5-3B", "Holo2-4B", "Holo2-8B", "Qwen2.5-VL-3B", "Qwen3-VL-8B"]) {
      expect(suggested.out).toMatch(new RegExp(`^${name} +hf:`, "m"));
    }
    expect(suggested.out).toContain("the hub was not asked");
  });
});
