import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ModelJob, PullRequest } from "../../../../app/contract/index.ts";
import { type FakeHost, startFakeHost } from "../../../support/fake-engine.ts";
import { FakeHub, type HubFile } from "../../../support/fake-hub.ts";
import { finishedJob } from "../../../support/finished-job.ts";
import { limits, until } from "../../../support/patience.ts";

const repository = "some-org/Tiny-VL-GGUF";
/** What the fake engine takes for a GGUF, blown up with blanks. */
const gguf = (salt: string, bytes: number): Buffer => Buffer.from(JSON.stringify({ width: 8, salt }).padEnd(bytes));
const model: HubFile = { path: "Tiny-VL-Q4_K_M.gguf", bytes: gguf("model", 300_000) };
const mmproj: HubFile = { path: "mmproj-Tiny-VL-f16.gguf", bytes: gguf("mmproj", 100_000) };
const request: PullRequest = { reference: `hf:${repository}`, model: model.path };

let hub: FakeHub;
let fake: FakeHost;
let env: Record<string, string>;
let timings: { idle: number; backOff: number; tries: number };
beforeEach(async () => {
  hub = await FakeHub.start([model, mmproj, { path: "README.md", bytes: Buffer.from("text") }]);
  env = { HF_ENDPOINT: hub.endpoint };
  timings = { idle: limits.wait, backOff: 2, tries: 4 };
  fake = await startFakeHost({ env, hubTimings: timings });
  hub.taken = (file, bytes) => until(async () => (await stat(path.join(home(), `${file.path}.part`))).size >= bytes);
});
afterEach(async () => {
  await fake.dispose();
  await hub.close();
});

const home = () => path.join(fake.dataFolder, "models", "some-org--Tiny-VL-GGUF");
const here = () => readdir(home()).catch(() => []);
const pull = async (what: PullRequest = request): Promise<ModelJob> => {
  const jobs = await finishedJob(fake.host, fake.host.call("models.pull", what));
  const last = jobs.at(-1);
  if (last === undefined) throw new Error("the job was not seen");
  return last;
};
const storage = () => fake.host.call("models.storage", {});
const isWhole = async (): Promise<boolean> => {
  const [a, b] = await Promise.all([model, mmproj].map((file) => readFile(path.join(home(), file.path))));
  return a?.equals(model.bytes) === true && b?.equals(mmproj.bytes) === true;
};

describe("pulling", () => {
  it("downloads both files, checks them, adds the pair and remembers the hashes", async () => {
    const seen = await finishedJob(fake.host, fake.host.call("models.pull", { ...request, name: "Mine" }));
    const job = seen.at(-1);
    expect(job).toMatchObject({
      state: "done",
      kind: "pull",
      entry: { name: "Mine", id: "tiny-vl-q4_k_m" },
      notes: [],
    });
    expect(seen.map(({ state }) => state)).toContain("verifying");
    expect(await isWhole()).toBe(true);
    expect((await here()).sort()).toEqual([model.path, mmproj.path].sort());
    expect(await fake.host.call("models.list", {})).toContainEqual(job?.entry);
    const { files } = JSON.parse(await readFile(path.join(fake.dataFolder, "model-hashes.json"), "utf8")) as {
      files: { path: string; sha256: string }[];
    };
    const known = files.find((file) => file.path === path.join(home(), model.path));
    expect(known?.sha256).toBe(createHash("sha256").update(model.bytes).digest("hex"));
    expect((await storage()).models.find(({ id }) => id === "tiny-vl-q4_k_m")).toMatchObject({
      managed: true,
      missing: false,
      bytes: 400_000,
    });
  });

  it("of a file that is no GGUF leaves files that can be removed, and says so", async () => {
    hub.files = [{ ...model, bytes: Buffer.from('{"broken":true}'.padEnd(1000)) }, mmproj];
    const job = await pull();
    expect(job).toMatchObject({
      state: "failed",
      error: { code: "NOT_A_GGUF", hint: expect.stringContaining("can be removed") },
    });
    const folder = "some-org--Tiny-VL-GGUF";
    expect((await storage()).unused).toEqual([
      { id: `${folder}/${model.path}`, bytes: 1000 },
      { id: `${folder}/${mmproj.path}`, bytes: mmproj.bytes.length },
    ]);
    for (const id of ["../settings.json", `${folder}/none.gguf`, ""]) {
      expect(await fake.host.call("models.discard", { id })).toEqual({ discarded: false });
    }
    for (const { path: name } of [model, mmproj]) {
      expect(await fake.host.call("models.discard", { id: `${folder}/${name}` })).toEqual({ discarded: true });
    }
    expect(await here()).toEqual([]);
    hub.files = [model, mmproj];
    expect(await pull()).toMatchObject({ state: "done" });
    expect((await storage()).unused).toEqual([]);
  });

  it("names no file of a model as unused, nor what a pull that can go on has fetched", async () => {
    await pull();
    expect((await storage()).unused).toEqual([]);
    hub.files = [{ ...model, path: "other/Big.gguf" }, mmproj];
    hub.cutAlways = 50_000;
    timings.tries = 1;
    expect(await pull({ ...request, model: "other/Big.gguf" })).toMatchObject({ state: "failed" });
    await fake.host.call("models.remove", { id: "tiny-vl-q4_k_m" });
    expect((await storage()).unfinished).toHaveLength(1);
    expect((await storage()).unused).toEqual([]);
  });

  it("takes the mmproj that add would take, and refuses an mmproj as the model", async () => {
    const types = ["BF16", "Q8_0", "F16"].map((type) => ({ ...mmproj, path: `mmproj-Tiny-VL-${type}.gguf` }));
    hub.files = [{ ...model, path: "Q4_K_M/Tiny-VL.gguf" }, ...types];
    const listing = await fake.host.call("models.remote.list", { reference: request.reference });
    expect(listing.models[0]?.mmproj).toBe("mmproj-Tiny-VL-F16.gguf");
    expect(listing.mmprojs.map(({ quantisation }) => quantisation)).toEqual(["F16", "Q8_0", "BF16"]);
    const job = await pull({ ...request, model: "Q4_K_M/Tiny-VL.gguf" });
    expect(path.basename(job.entry?.mmprojPath ?? "")).toBe("mmproj-Tiny-VL-F16.gguf");
    expect(await pull({ ...request, model: "mmproj-Tiny-VL-Q8_0.gguf" })).toMatchObject({
      error: { code: "BAD_REQUEST", message: expect.stringContaining("is an mmproj") },
    });
  });

  it("needs no download for files that are here already", async () => {
    await pull();
    const before = hub.fetches.length;
    expect(await pull()).toMatchObject({ state: "done" });
    expect(hub.fetches.length).toBe(before);
  });

  it("sends the token to the hub and to nobody else", async () => {
    env.HF_TOKEN = "hf_secret";
    expect(await pull()).toMatchObject({ state: "done" });
    const tokens = (server: string) => hub.seen.filter((each) => each.server === server).map((r) => r.authorization);
    expect(new Set(tokens("hub"))).toEqual(new Set(["Bearer hf_secret"]));
    expect(new Set(tokens("cdn"))).toEqual(new Set([undefined]));
  });

  it("asked for twice at once is one job", async () => {
    hub.pace = 16_384;
    const [a, b] = [await fake.host.call("models.pull", request), await fake.host.call("models.pull", request)];
    expect(a).toEqual(b);
    await until(async () => (await fake.host.call("models.jobs", {})).every(({ state }) => state === "done"));
  });
});

describe("interruptions", () => {
  it("are bridged: cut connections go on where they were", async () => {
    hub.cuts = [50_000, 120_000, 0, 100_000];
    const seen = await finishedJob(fake.host, fake.host.call("models.pull", request));
    expect(seen.at(-1)).toMatchObject({
      state: "done",
      notes: [expect.stringContaining("connection to the hub was lost")],
    });
    expect(seen.map(({ state }) => state)).toContain("retrying");
    expect(hub.fetches.map(({ range }) => range)).toEqual([
      undefined,
      "bytes=50000-",
      "bytes=170000-",
      "bytes=170000-",
      "bytes=270000-",
      undefined,
    ]);
    expect(await isWhole()).toBe(true);
  });

  it("end the job after bounded tries, and the next pull goes on", async () => {
    hub.cutAlways = 0;
    hub.cuts = [80_000];
    const failed = await pull();
    expect(failed).toMatchObject({ state: "failed", error: { code: "HUB_FAILED" } });
    expect(failed.error?.message).toContain("kept");
    expect(failed.error?.hint).toContain("Pull again");
    expect(hub.fetches.length).toBe(4);
    expect(await storage()).toMatchObject({
      unfinished: [
        {
          id: `some-org--Tiny-VL-GGUF/${model.path}`,
          bytesDone: 80_000,
          bytesTotal: 300_000,
          request,
          file: model.path,
        },
      ],
    });
    hub.cutAlways = undefined;
    expect(await pull()).toMatchObject({ state: "done", resumedBytes: 80_000 });
    expect(hub.fetches[4]?.range).toBe("bytes=80000-");
    expect(await isWhole()).toBe(true);
    expect((await storage()).unfinished).toEqual([]);
  });

  it("by silence count as lost connections", async () => {
    timings.idle = 1000;
    hub.hangAfter = 60_000;
    const pulling = pull();
    await until(() => hub.fetches.length === 2);
    hub.hangAfter = undefined;
    expect(await pulling).toMatchObject({ state: "done" });
    expect(hub.fetches[1]?.range).toBe("bytes=60000-");
    expect(await isWhole()).toBe(true);
  });

  it("by the user keep what was fetched, until it is discarded", async () => {
    hub.pace = 4096;
    const { jobId } = await fake.host.call("models.pull", request);
    await until(async () => ((await fake.host.call("models.jobs", {}))[0]?.bytesDone ?? 0) > 0);
    expect(await fake.host.call("models.jobs.cancel", { jobId })).toEqual({ cancelled: true });
    const [job] = await fake.host.call("models.jobs", {});
    expect(job).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
    const [unfinished] = (await storage()).unfinished;
    expect(unfinished?.bytesDone).toBeGreaterThan(0);
    expect(await fake.host.call("models.discard", { id: "../../settings.json" })).toEqual({ discarded: false });
    expect(await fake.host.call("models.discard", { id: unfinished?.id ?? "" })).toEqual({ discarded: true });
    expect(await here()).toEqual([]);
    expect(await fake.host.call("models.jobs.cancel", { jobId })).toEqual({ cancelled: false });
  });

  it("by a kill leave no half written description of the download behind", async () => {
    await mkdir(home(), { recursive: true });
    const left = (name: string): string => path.join(home(), `${name}.0123456789ab.tmp`);
    await writeFile(left(`${model.path}.part.json`), "{");
    await writeFile(left("another.gguf.part.json"), "{");
    expect(await pull()).toMatchObject({ state: "done" });
    expect(await here()).toEqual(expect.not.arrayContaining([path.basename(left(`${model.path}.part.json`))]));
    // Another process may be writing that one.
    expect(await here()).toContain(path.basename(left("another.gguf.part.json")));
  });

  it("do no harm where the server takes no ranges: it starts over", async () => {
    hub.takesRanges = false;
    hub.cuts = [70_000];
    expect(await pull()).toMatchObject({ state: "done" });
    expect(await isWhole()).toBe(true);
  });
});

describe("a file that changed at the hub", () => {
  it("is fetched anew, and that is said", async () => {
    hub.cutAlways = 0;
    hub.cuts = [80_000];
    await pull();
    hub.cutAlways = undefined;
    const changed = { ...model, bytes: gguf("another", 300_000) };
    hub.files = [changed, mmproj];
    const job = await pull();
    expect(job).toMatchObject({ state: "done", notes: [expect.stringContaining("has changed")] });
    expect(hub.fetches[4]?.range).toBeUndefined();
    expect(await readFile(path.join(home(), model.path))).toEqual(changed.bytes);
  });

  it("never replaces one that is here", async () => {
    await pull();
    hub.files = [{ ...model, bytes: gguf("another", 300_000) }, mmproj];
    expect(await pull()).toMatchObject({ state: "failed", error: { code: "FILE_EXISTS" } });
    expect(await isWhole()).toBe(true);
  });

  it("is noticed by its tag where the hub states no checksum", async () => {
    hub.files = [{ ...model, sha256: "none" }, mmproj];
    hub.cutAlways = 0;
    hub.cuts = [80_000];
    await pull();
    hub.cutAlways = undefined;
    const changed: HubFile = { ...model, bytes: gguf("another", 300_000), sha256: "none" };
    hub.files = [changed, mmproj];
    expect(await pull()).toMatchObject({ state: "done", notes: [expect.stringContaining("no checksum")] });
    expect(await readFile(path.join(home(), model.path))).toEqual(changed.bytes);
  });
});

describe("failures are said plainly", () => {
  it("wrong hash: the file is removed", async () => {
    hub.files = [{ ...model, sha256: "a".repeat(64) }, mmproj];
    const job = await pull();
    expect(job).toMatchObject({ state: "failed", error: { code: "DOWNLOAD_CORRUPT" } });
    expect(job.error?.message).toContain("removed");
    expect(await here()).toEqual([]);
  });

  it("another size than listed", async () => {
    hub.files = [{ ...model, listedBytes: 299_999 }, mmproj];
    expect(await pull()).toMatchObject({
      state: "failed",
      error: { code: "HUB_FAILED", message: expect.stringContaining("299999 bytes") },
    });
  });

  it.each([
    [404, undefined, "HUB_NOT_FOUND", "Check the name"],
    [401, undefined, "HUB_DENIED", "HF_TOKEN"],
    [403, "hf_secret", "HUB_DENIED", "still valid"],
    [500, undefined, "HUB_FAILED", "later"],
    [429, undefined, "HUB_FAILED", "later"],
  ])("%i for the repository", async (status, token, code, hint) => {
    if (token !== undefined) env.HF_TOKEN = token;
    hub.statuses.set("/api/", status);
    const listing = fake.host.call("models.remote.list", { reference: repository });
    await expect(listing).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
    await expect(listing).rejects.not.toMatchObject({ message: expect.stringContaining("hf_secret") });
    expect(hub.seen.length).toBe(status >= 429 ? 4 : 1);
    expect(await pull()).toMatchObject({ state: "failed", error: { code } });
  });

  it.each([
    [404, "HUB_NOT_FOUND", 1],
    [403, "HUB_DENIED", 1],
    [503, "HUB_FAILED", 4],
  ])("%i for the file", async (status, code, asked) => {
    hub.statuses.set("/resolve/", status);
    expect(await pull()).toMatchObject({ state: "failed", error: { code } });
    expect(hub.seen.filter(({ url }) => url.includes("/resolve/")).length).toBe(asked);
  });

  it("redirects in a circle, and to nowhere", async () => {
    hub.redirectTo = `/${repository}/resolve/main/${model.path}`;
    expect(await pull()).toMatchObject({ error: { code: "HUB_FAILED", message: expect.stringContaining("circle") } });
    hub.redirectTo = "ftp://127.0.0.1/x";
    expect(await pull()).toMatchObject({
      error: { code: "HUB_FAILED", message: expect.stringContaining("an unusable address") },
    });
  });

  it("offline: one clear state, at once", async () => {
    env.HF_ENDPOINT = "http://127.0.0.1:9";
    // It would not come back from a pause.
    timings.backOff = 10 * limits.test;
    const listing = fake.host.call("models.remote.list", { reference: repository });
    await expect(listing).rejects.toMatchObject({
      code: "HUB_OFFLINE",
      message: expect.stringContaining("127.0.0.1:9"),
    });
    expect(await pull()).toMatchObject({ state: "failed", error: { code: "HUB_OFFLINE" } });
    env.HF_HUB_OFFLINE = "1";
    await expect(fake.host.call("models.pull", request)).rejects.toMatchObject({ code: "HUB_OFFLINE" });
    expect((await fake.host.call("models.list", {})).length).toBe(1);
  });

  it("the network goes away in the middle: what was fetched is kept", async () => {
    hub.cuts = [90_000];
    hub.cutAlways = 0;
    const pulling = pull();
    const part = path.join(home(), `${model.path}.part`);
    await until(async () => (await stat(part).catch(() => undefined))?.size === 90_000);
    await hub.close();
    const job = await pulling;
    expect(job).toMatchObject({ state: "failed", error: { message: expect.stringContaining("kept") } });
    expect((await stat(part)).size).toBe(90_000);
  });

  it("something else answers than a hub", async () => {
    hub.statuses.set("/api/", 200);
    await expect(fake.host.call("models.remote.list", { reference: repository })).rejects.toMatchObject({
      code: "HUB_FAILED",
    });
    env.HF_ENDPOINT = "not an address";
    await expect(fake.host.call("models.remote.list", { reference: repository })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("HF_ENDPOINT"),
    });
  });

  it("no room: told before anything is fetched", async () => {
    hub.files = [{ ...model, listedBytes: 2 ** 50 }, mmproj];
    expect(await pull()).toMatchObject({
      state: "failed",
      error: { code: "DISK_FULL", message: expect.stringMatching(/takes 1126 TB, [\d.]+ [GT]B are free/) },
    });
    expect(hub.fetches).toEqual([]);
  });

  it("another process is at the same file", async () => {
    const lock = path.join(home(), `${model.path}.part.lock`);
    await mkdir(home(), { recursive: true });
    await writeFile(lock, String(process.ppid));
    const refused = { state: "failed", error: { message: expect.stringContaining("Another Holoscope") } };
    expect(await pull()).toMatchObject(refused);
    // Process ids come again: our own says that whoever had it before has ended.
    await writeFile(lock, String(process.pid));
    expect(await pull()).toMatchObject({ state: "done" });
  });
});
