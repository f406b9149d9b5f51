import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { runRecordSchema } from "../../app/contract/index.ts";
import { sampleRun } from "../server/sample-run.ts";
import { operatorTimesFixture } from "../support/operator-times-fixture.ts";
import { eventually } from "../support/patience.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

let folder: string;
let first: string;
let second: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-cli-"));
  mkdirSync(path.join(folder, "other"));
  first = path.join(folder, "first.png");
  second = path.join(folder, "other", "second.png");
  writeFileSync(first, "first image");
  writeFileSync(second, "second image");
  environment = new RecordingEnvironment();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(environment.host.folder, { recursive: true, force: true });
});

const readRun = (file: string) => runRecordSchema.parse(JSON.parse(readFileSync(file, "utf8")));

describe("holoscope detect", () => {
  it("prints both tables for each image, writes nothing to stderr and closes the host", async () => {
    const { code, out, err } = await environment.run("detect", first, second);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toContain("first.png");
    expect(out).toContain("second.png");
    expect(out.match(/^total/gm)).toHaveLength(2);
    expect(out.match(/menu item/g)).toHaveLength(2);
    expect(environment.host.closed).toBe(true);
  });

  it("hands its options on to the run", async () => {
    await environment.run(
      ...["detect", first, "--target", "save button", "--profile", "speed", "--backend", "cpu", "--model", "nano"],
      ...["--set", "maxImageTokens=400", "--set", "flashAttention=off"],
    );
    expect(environment.host.requests[0]).toMatchObject({
      mode: "locate",
      target: "save button",
      profile: "speed",
      backend: "cpu",
      modelId: "nano",
      overrides: { maxImageTokens: 400, flashAttention: "off" },
    });
  });

  it("sets the scale of its images, shows clicks in CSS px and keeps the scale in the record", async () => {
    const target = path.join(folder, "run.json");
    const { out } = await environment.run("detect", first, "--scale", "2", "--json", target);
    expect(out).toContain("scale 2 (set by you)");
    expect(out).toContain("click (CSS px)");
    expect(readRun(target).image.scale).toEqual({ value: 2, from: "user" });
    const guessed = await environment.run("detect", first, "--scale", "auto");
    expect(guessed.out.slice(out.length)).not.toContain("CSS px");
  });

  it("asks for focus mode, and refuses it where only the whole makes sense", async () => {
    expect((await environment.run("detect", first, second, "--focus")).code).toBe(0);
    expect(environment.host.requests.map(({ overrides }) => overrides?.focus)).toEqual([true, true]);
    for (const other of [["--repeat", "2"], ["--profile-ops"], ["--target", "save button"]]) {
      const { code, err } = await environment.run("detect", first, "--focus", ...other);
      expect(code).not.toBe(0);
      expect(err).toContain("--focus");
    }
    expect(environment.host.requests).toHaveLength(2);
  });

  it("lets a stored run answer unless told otherwise, and shows whose answer it is in place of times", async () => {
    const cached = { runId: "run-00000000", createdAt: "2026-03-01T09:00:00.000Z" };
    environment.host.nextRun = () => ({ ...sampleRun(), cached });
    const { code, out } = await environment.run("detect", first);
    expect(code).toBe(0);
    expect(out).toContain("cached: from run run-00000000 of 2026-03-01 09:00:00 UTC");
    expect(out).toContain("menu item");
    expect(out).not.toMatch(/^(total|encode|decode)/m);
    await environment.run("detect", first, "--no-cache");
    await environment.run("detect", first, "--no-reuse");
    expect(environment.host.requests.map(({ useCache }) => useCache)).toEqual([true, undefined, undefined]);
  });

  it("decodes token by token when told to", async () => {
    await environment.run("detect", first, "--no-jump-forward");
    await environment.run("detect", first);
    expect(environment.host.requests.map(({ overrides }) => overrides?.jumpForward)).toEqual(["off", undefined]);
  });

  it("queues one image ahead, unless what it measures needs the machine for itself", async () => {
    const third = path.join(folder, "third.png");
    writeFileSync(third, "third image");
    environment.host.nextRun = "hang";
    const queued = async (...options: string[]): Promise<number> => {
      const before = environment.host.requests.length;
      const result = environment.run("detect", first, second, third, ...options);
      await eventually(() => expect(environment.host.requests.length).toBeGreaterThan(before));
      // Another command that looks ahead begins now: when it has come so far, this one has as well.
      const later = new RecordingEnvironment();
      later.host.nextRun = "hang";
      const laterResult = later.run("detect", first, second, third);
      await eventually(() => expect(later.host.requests).toHaveLength(2));
      later.interrupt();
      await laterResult;
      rmSync(later.host.folder, { recursive: true, force: true });
      const count = environment.host.requests.length - before;
      environment.interrupt();
      await result;
      return count;
    };
    expect(await queued()).toBe(2);
    expect(await queued("--no-prefetch")).toBe(1);
    expect(environment.host.requests.at(-1)?.overrides).toMatchObject({ prefetch: false });
    expect(await queued("--repeat", "2")).toBe(1);
    expect(await queued("--profile-ops")).toBe(1);
    expect(await queued("--focus")).toBe(1);
  });

  it("tells throughput beside latency for several images, and none where answers are cached", async () => {
    const overlapped = sampleRun().stages.map((stage) =>
      stage.stage === "decode" ? { ...stage, ms: 1, overlappedMs: 12 } : stage,
    );
    environment.host.nextRun = () => sampleRun({ stages: overlapped });
    const { out } = await environment.run("detect", first, second);
    expect(out).toMatch(/^throughput: [\d.]+ images\/s from the first answer to the last; [\d.]+ images\/s in all/m);
    expect(out).toContain("latency 685 ms (median of 2 images, 2 of them decoded during the one before)");
    expect(out).toMatch(/^decode +1\.0 ms.*waited for; 12\.0 ms overlapped the run before/m);
    environment.out = "";
    expect((await environment.run("detect", first)).out).not.toContain("throughput");
    const cached = { runId: "run-00000000", createdAt: "2026-03-01T09:00:00.000Z" };
    environment.host.nextRun = () => ({ ...sampleRun(), cached });
    expect((await environment.run("detect", first, second)).out).toContain(
      "throughput: not measured, since 2 of 2 answers were cached or not finished",
    );
  });

  it("adds a model that is given as files", async () => {
    await environment.run("detect", first, "--model", "some/model.gguf", "--mmproj", "some/mmproj.gguf");
    const added = environment.host.calls.find(({ method }) => method === "models.add");
    expect(added?.params).toEqual({
      modelPath: path.resolve("some/model.gguf"),
      mmprojPath: path.resolve("some/mmproj.gguf"),
    });
    expect(environment.host.requests[0]).toMatchObject({ modelId: "added" });
  });

  it("goes on after a bad image, reports it and fails in the end", async () => {
    const missing = path.join(folder, "missing.png");
    const { code, out, err } = await environment.run("detect", missing, first);
    expect(code).toBe(1);
    expect(err).toContain(`error: ${missing}: There is no file`);
    expect(err).toContain("hint: Check the path.");
    expect(err).not.toContain("    at ");
    expect(out).toContain("first.png");
    expect(environment.host.closed).toBe(true);
  });

  it("reports a failed run", async () => {
    const error = { code: "OUT_OF_MEMORY", message: "Not enough memory.", hint: "Use --profile speed." } as const;
    environment.host.nextRun = () => sampleRun({ status: "failed", error, detections: [] });
    const { code, out, err } = await environment.run("detect", first);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toBe("error: Not enough memory.\nhint: Use --profile speed.\n");
  });

  it("cancels the run at Ctrl-C and leaves with 130", async () => {
    environment.host.nextRun = "hang";
    const result = environment.run("detect", first, second);
    // The second waits behind the first.
    await eventually(() => expect(environment.host.requests).toHaveLength(2));
    environment.interrupt();
    expect((await result).code).toBe(130);
    expect(environment.host.cancelled).toEqual(["run-00000001", "run-00000002"]);
    expect(environment.host.requests).toHaveLength(2);
    expect(environment.host.closed).toBe(true);
  });

  it("repeats, marks the repeats as one group and shows the spread", async () => {
    const { out } = await environment.run("detect", first, "--repeat", "3");
    const groups = environment.host.requests.map((request) => request.repeat);
    expect(groups.map((repeat) => [repeat?.index, repeat?.of])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    expect(new Set(groups.map((repeat) => repeat?.group)).size).toBe(1);
    expect(out).toContain("median");
    expect(out).toContain("3/3");
  });

  it("asks for a profile of the last repeat only, and shows it", async () => {
    environment.host.nextRun = () => sampleRun({ opProfile: operatorTimesFixture() });
    const { out } = await environment.run("detect", first, "--repeat", "3", "--profile-ops");
    expect(environment.host.requests.map(({ profileOps }) => profileOps ?? false)).toEqual([false, false, true]);
    expect(out).toContain("operators, profiled in a second pass of 1.25 s");
    await environment.run("detect", first);
    expect(environment.host.requests.at(-1)).not.toHaveProperty("profileOps");
  });

  it("shows progress on a terminal only", async () => {
    const live = new RecordingEnvironment({ live: true, width: 60 });
    const running = live.run("detect", first);
    await running;
    expect(live.err).toContain("\r");
    expect(live.err.endsWith("\r\u001b[K")).toBe(true);
    expect(live.host.listenerCount).toBe(0);
    rmSync(live.host.folder, { recursive: true, force: true });
  });

  it("is quiet when asked to be", async () => {
    expect(await environment.run("detect", first, "--quiet")).toEqual({ code: 0, out: "", err: "" });
  });
});

describe("what detect writes", () => {
  it("one run as an object, several as an array", async () => {
    const file = path.join(folder, "new", "runs.json");
    await environment.run("detect", first, "--json", file);
    expect(readRun(file).image.name).toBe("first.png");
    await environment.run("detect", first, second, "--json", file);
    const runs = z.array(runRecordSchema).parse(JSON.parse(readFileSync(file, "utf8")));
    expect(runs.map(({ image }) => image.name)).toEqual(["first.png", "second.png"]);
  });

  it("one file a run in a folder, which may not exist yet", async () => {
    const target = path.join(folder, "out");
    await environment.run("detect", first, second, "--json", target, "--overlay", target);
    expect(readdirSync(target).sort()).toEqual([
      "first.overlay.png",
      "first.run.json",
      "second.overlay.png",
      "second.run.json",
    ]);
    expect(readRun(path.join(target, "second.run.json")).image.name).toBe("second.png");
    expect(readFileSync(path.join(target, "first.overlay.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  it("keeps repeats and images of the same name apart", async () => {
    const target = path.join(folder, "out.v2");
    const twin = path.join(folder, "other", "first.png");
    writeFileSync(twin, "another image");
    await environment.run("detect", first, twin, "--json", target, "--repeat", "2");
    expect(readdirSync(target).sort()).toEqual([
      "first-1.run.json",
      "first-2-1.run.json",
      "first-2-2.run.json",
      "first-2.run.json",
    ]);
  });

  it("each as soon as it is there, and one that cannot be written is one error", async () => {
    const out = path.join(folder, "runs");
    // Where a folder stands, no file can be written.
    mkdirSync(path.join(out, "first.run.json", "in the way"), { recursive: true });
    const { code, err } = await environment.run("detect", first, second, "--json", out);
    expect(code).toBe(1);
    expect(err.match(/^error:/gm)).toHaveLength(1);
    expect(err).toContain("first.run.json");
    expect(readRun(path.join(out, "second.run.json")).status).toBe("done");
  });

  it("of a file with the longest name, cut and still apart", async () => {
    const names = ["x", "y"].map((end) => `${"ü".repeat(120)}${end}.png`);
    for (const name of names) writeFileSync(path.join(folder, name), "image");
    const out = path.join(folder, "runs");
    const files = names.map((name) => path.join(folder, name));
    expect((await environment.run("detect", ...files, "--json", out, "--overlay", out)).code).toBe(0);
    const cut = "ü".repeat(100);
    expect(readdirSync(out).sort()).toEqual(
      [`${cut}-2.overlay.png`, `${cut}-2.run.json`, `${cut}.overlay.png`, `${cut}.run.json`].sort(),
    );
  });

  it("only JSON on standard output", async () => {
    const { out } = await environment.run("detect", first, "--json", "-");
    expect(runRecordSchema.parse(JSON.parse(out)).detections).toHaveLength(2);
  });

  it("the record of a failed run too", async () => {
    environment.host.nextRun = () =>
      sampleRun({ status: "failed", error: { code: "ENGINE_CRASHED", message: "The engine stopped." } });
    const file = path.join(folder, "failed.json");
    expect((await environment.run("detect", first, "--json", file)).code).toBe(1);
    expect(readRun(file).status).toBe("failed");
  });

  it("never over the screenshot itself", async () => {
    const { code, err } = await environment.run("detect", first, "--overlay", first);
    expect(code).toBe(2);
    expect(err).toContain("replace the screenshot");
    await environment.run("detect", first, "--overlay", folder);
    expect(readFileSync(first, "utf8")).toBe("first image");
  });
});

describe("wrong command lines", () => {
  it.each([
    [[], ""],
    [["frob"], "frob"],
    [["detect"], "image"],
    [["detect", "a.png", "--frob"], "--frob"],
    [["detect", "a.png", "--profile", "turbo"], "balanced"],
    [["detect", "a.png", "--backend", "abacus"], "vulkan"],
    [["detect", "a.png", "--mode", "guess"], "locate"],
    [["detect", "a.png", "--mode", "locate"], "--target"],
    [["detect", "a.png", "--mode", "detect", "--target", "x"], "--mode locate"],
    [["detect", "a.png", "--target", "  "], "--target"],
    [["detect", "a.png", "--repeat", "0"], "--repeat"],
    [["detect", "a.png", "--repeat", "many"], "--repeat"],
    [["detect", "a.png", "--scale", "retina"], "--scale"],
    [["detect", "a.png", "--scale", "0"], "auto"],
    [["detect", "a.png", "--set", "maxImageTokens"], "key=value"],
    [["detect", "a.png", "--set", "frobs=1"], "maxImageTokens"],
    [["detect", "a.png", "--set", "minConfidence=2"], "minConfidence"],
    [["detect", "a.png", "--set", "gpuLayers=1.5"], "gpuLayers"],
    [["detect", "a.png", "--mmproj", "b.gguf"], "--model"],
    [["detect", "a.png", "b.png", "--overlay", "one.png"], "folder"],
    [["detect", "a.png", "--overlay", "one.jpg"], "PNG"],
    [["serve", "--port", "http"], "--port"],
    [["serve", "--port", "70000"], "--port"],
    [["models", "info"], "id"],
  ])("%j end with 2 before any host is opened", async (args, mention) => {
    const { code, out, err } = await environment.run(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(mention);
    expect(environment.doors).toEqual([]);
  });
});

describe("help and version", () => {
  it.each([["--help"], ["detect", "--help"], ["serve", "--help"], ["models", "--help"], ["models", "add", "--help"]])(
    "%s %s are printed with exit code 0",
    async (...args) => {
      const { code, out, err } = await environment.run(...args);
      expect(code).toBe(0);
      expect(err).toBe("");
      expect(out).toContain("Usage: holoscope");
    },
  );

  it("show examples and the version", async () => {
    expect((await environment.run("detect", "--help")).out).toContain("holoscope detect screen.png");
    expect((await new RecordingEnvironment().run("--version")).out).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe("holoscope models", () => {
  it("list marks the default", async () => {
    const { code, out } = await environment.run("models", "list");
    expect(code).toBe(0);
    expect(out).toMatch(/^\*\s+nano\s+Nano\s+qwen3vl\s+Q8_0\s+21\.0 MB\s+trained\s+unsupported$/m);
  });

  it("add says under which id", async () => {
    expect((await environment.run("models", "add", "some.gguf")).out).toContain("Added Added as added (qwen3vl)");
  });
});

describe("holoscope serve", () => {
  it("says where it is, serves until Ctrl-C and closes the host", async () => {
    const result = environment.run("serve", "--port", "0");
    await eventually(() => expect(environment.out).toContain("http://127.0.0.1:"));
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(environment.out)?.[0] ?? "";
    expect((await fetch(`${url}health`)).status).toBe(200);
    expect(environment.doors).toEqual(["browser"]);
    environment.interrupt();
    expect((await result).code).toBe(0);
    expect(environment.host.closed).toBe(true);
    await expect(fetch(`${url}health`)).rejects.toThrow();
  });

  it("does not let other computers in without a token", async () => {
    const { code, err } = await environment.run("serve", "--port", "0", "--bind", "0.0.0.0");
    expect(code).toBe(2);
    expect(err).toContain("hint: Give --token");
    expect(environment.host.closed).toBe(true);
  });
});
