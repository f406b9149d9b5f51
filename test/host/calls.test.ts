import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { detectRequestSchema, HoloscopeError, methodNames, methods } from "../../app/contract/index.ts";
import { defaultDataFolder } from "../../app/host/disk/data-folder.ts";
import { RotatingFile } from "../../app/host/disk/rotating.ts";
import { withoutHome } from "../../app/host/doctor/redact.ts";
import { scrubbedEnvironment } from "../../app/host/engine/spawn-node.ts";
import { readableCpu } from "../../app/host/machine.ts";
import { applicationFolder, resourcesFolder } from "../../app/host/resources-folder.ts";
import { type FakeHost, startFakeHost } from "../support/fake-engine.ts";

describe("calls", () => {
  let fake: FakeHost;
  beforeEach(async () => {
    fake = await startFakeHost();
  });
  afterEach(() => fake.dispose());

  /** As a door calls it: with whatever came over the wire. */
  const call = (method: string, params: unknown): Promise<unknown> => fake.host.dispatch(method, params);

  it.each(["no.such", "", "toString", "__proto__", "constructor"])('refuse the unknown method "%s"', async (method) => {
    await expect(call(method, {})).rejects.toMatchObject({ name: "HoloscopeError", code: "BAD_REQUEST" });
  });

  it("reject with a HoloscopeError for every kind of wrong params", async () => {
    for (const method of methodNames) {
      for (const params of [
        null,
        5,
        "x",
        [],
        { id: 5, path: 5, bytes: "x", runId: "/", json: 1, modelPath: 1, theme: 1, limit: 0, unknown: 1 },
      ]) {
        const wanted = methods[method].params.safeParse(params).success;
        const error: unknown = await call(method, params).then(
          () => undefined,
          (caught: unknown) => caught,
        );
        if (error !== undefined) expect(error, method).toBeInstanceOf(HoloscopeError);
        if (!wanted) expect(error, `${method} ${JSON.stringify(params)}`).toMatchObject({ code: "BAD_REQUEST" });
      }
    }
  });

  it("are parsed once, whichever way they come", async () => {
    const imageId = await fake.addImage();
    const parsed = vi.spyOn(detectRequestSchema, "safeParse");
    await call("runs.start", { imageId });
    expect(parsed).toHaveBeenCalledTimes(1);
    await fake.host.call("runs.start", { imageId });
    expect(parsed).toHaveBeenCalledTimes(2);
    await (await fake.host.detect({ imageId })).done;
    expect(parsed).toHaveBeenCalledTimes(3);
  });

  it("answer what the contract promises", async () => {
    await fake.run("fine");
    const harmless = [
      "app.info",
      "app.diagnostics",
      "images.samples",
      "runs.list",
      "models.list",
      "backends.list",
    ] as const;
    for (const method of [...harmless, "engine.state", "settings.get"] as const) {
      const result = await fake.host.call(method, {});
      expect(methods[method].result.parse(result), method).toEqual(result);
    }
    expect(await fake.host.call("app.info", {})).toMatchObject({
      version: "1.2.3",
      llamaCppRelease: "v0",
      door: "desktop",
    });
  });

  it("need a target to locate", async () => {
    const imageId = await fake.addImage();
    await expect(fake.host.detect({ imageId, mode: "locate" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("go on when a listener throws", async () => {
    const seen: string[] = [];
    fake.host.on("run.finished", () => {
      throw new Error("a listener fails");
    });
    const end = fake.host.on("run.finished", ({ run }) => void seen.push(run.id));
    const first = await fake.run("fine");
    end();
    await fake.run("fine");
    expect(seen).toEqual([first.id]);
    const { text } = await fake.host.call("app.diagnostics", {});
    expect(text).toContain("A listener of run.finished failed: Error: a listener fails");
  });

  it("give diagnostics with the engine's own lines and without the home folder", async () => {
    await fake.run("exit");
    const { text } = await fake.host.call("app.diagnostics", {});
    expect(text).toContain("Holoscope 1.2.3");
    expect(text).toContain("engine: detect exit");
    expect(text).toContain("exit code 7");
    expect(text).toMatch(/^cpu: Works on every machine\.$/m);
    expect(withoutHome('/home/ann/x {"p":"C:\\\\Users\\\\ann"}', "/home/ann")).toBe('~/x {"p":"C:\\\\Users\\\\ann"}');
    expect(withoutHome('{"p":"C:\\\\Users\\\\ann\\\\f"} C:\\Users\\ann', "C:\\Users\\ann")).toBe('{"p":"~\\\\f"} ~');
  });
});

describe("where things lie", () => {
  it.each([
    ["linux", {}, "/home/ann/.local/share/holoscope"],
    ["linux", { XDG_DATA_HOME: "/data" }, "/data/holoscope"],
    ["linux", { XDG_DATA_HOME: "relative" }, "/home/ann/.local/share/holoscope"],
    ["darwin", {}, "/home/ann/Library/Application Support/Holoscope"],
    ["win32", { APPDATA: "/roaming" }, "/roaming/Holoscope"],
    ["linux", { HOLOSCOPE_DATA: "/else" }, "/else"],
    ["darwin", { HOLOSCOPE_DATA: " " }, "/home/ann/Library/Application Support/Holoscope"],
  ] as const)("on %s with %j the data lies in %s", (platform, env, folder) => {
    const found = defaultDataFolder({ platform, env, home: "/home/ann" });
    expect(
      found
        .split(path.sep)
        .join("/")
        .replace(/^[A-Z]:/, ""),
    ).toBe(folder);
  });

  it("finds the application's own folder, not a stranger's package.json on the way", async () => {
    const root = await mkdtemp(path.join(os.tmpdir(), "holoscope-root-"));
    await writeFile(path.join(root, "package.json"), '{"name":"holoscope"}');
    const { mkdir } = await import("node:fs/promises");
    await mkdir(path.join(root, "dist/main"), { recursive: true });
    await writeFile(path.join(root, "dist/package.json"), '{"name":"other"}');
    const file = path.join(root, "dist/main/main.js");
    expect(applicationFolder(file)).toBe(root);
    expect(resourcesFolder(file)).toBe(path.join(root, "resources"));
    await rm(root, { recursive: true });
    expect(() => applicationFolder(file)).toThrow(/package.json/);
  });
});

describe("small things", () => {
  it("the engine's environment has no debugger, no Electron and no secret in it", () => {
    const env = {
      HF_TOKEN: "hf_x",
      HUGGING_FACE_HUB_TOKEN: "hf_x",
      HOLOSCOPE_TOKEN: "x",
      HOLOSCOPE_TOKEN_FILE: "/run/token",
      AWS_SECRET_ACCESS_KEY: "x",
      OPENAI_API_KEY: "x",
      PATH: "/bin",
      NODE_OPTIONS: "--inspect",
      NODE_INSPECT_RESUME_ON_START: "1",
      ELECTRON_RUN_AS_NODE: "1",
    };
    expect(scrubbedEnvironment({ ...env, CUDA_VISIBLE_DEVICES: "0" })).toEqual({
      PATH: "/bin",
      CUDA_VISIBLE_DEVICES: "0",
      MALLOC_MMAP_THRESHOLD_: "262144",
      MALLOC_ARENA_MAX: "2",
    });
    expect(scrubbedEnvironment({ MALLOC_MMAP_THRESHOLD_: "1" }).MALLOC_MMAP_THRESHOLD_, "the user's").toBe("1");
  });

  it.each([
    ["Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", "Intel Core i7-1185G7"],
    ["Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel Xeon"],
    ["Apple M3 Max", "Apple M3 Max"],
  ])("%s reads %s", (model, name) => {
    expect(readableCpu(model)).toBe(name);
  });

  it("the log never grows beyond its size, and a folder that cannot be written to costs only the log", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-log-"));
    const { readFile } = await import("node:fs/promises");
    const log = new RotatingFile(path.join(folder, "logs/a.log"), 100);
    for (let line = 0; line < 50; line++) log.write(`line ${line} ${"x".repeat(20)}\n`);
    log.close();
    const now = await readFile(log.path, "utf8");
    const old = await readFile(`${log.path}.old`, "utf8");
    expect(now.length).toBeLessThanOrEqual(130);
    expect(old.length).toBeLessThanOrEqual(130);
    expect(`${old}${now}`).toMatch(/line 49 x+\n$/);
    const nowhere = new RotatingFile(path.join(log.path, "b.log"), 100);
    expect(() => nowhere.write("lost\n")).not.toThrow();
    nowhere.close();
    await rm(folder, { recursive: true });
  });
});
