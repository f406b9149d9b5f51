import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../mocks/model-server.ts";
import { until } from "../support/patience.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";
import { drawSmallPages } from "../support/small-pages.ts";

/** Three servers of which one goes for good and one is busy for a while. */
const count = 12;
const pieces = ['[{"bbox_2d": [', "100, 100, ", '200, 200], "label": "', 'Save"}', "]"];
let folder: string;
let real: RealHost;
let servers: ModelServer[];
let engines: string[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-servers-"));
  real = await startRealHost();
  servers = await Promise.all(
    ["llama-server", "vllm", "sglang"].map((kind) => startModelServer(kind as "vllm", pieces)),
  );
  const added = await Promise.all(
    servers.map(({ url }, index) => real.host.call("endpoints.add", { url, name: `server-${index}`, slots: 1 })),
  );
  engines = added.map(({ endpoint }) => endpoint.id);
});
afterAll(async () => {
  await real.dispose();
  await Promise.all(servers.slice(1).map((server) => server.close()));
  await rm(folder, { recursive: true, force: true });
});

it("a batch loses and doubles nothing when a server dies and another is busy for a while", async () => {
  const [first, second, third] = servers;
  const files = await drawSmallPages(folder, count);
  const images = await Promise.all(files.map((file) => real.host.call("images.addPath", { path: file })));
  // None answers more than two: all are at work, with a request that waits, when they fail.
  for (const server of servers) server.answers = 2;
  const finished: string[] = [];
  real.host.on("run.finished", ({ run }) => finished.push(run.id));
  const started = await Promise.all(images.map(({ id }) => real.host.detect({ imageId: id, engines })));
  await until(() => servers.every(({ asked }) => asked.length === 3));
  if (second !== undefined && third !== undefined) {
    second.fault = "loading";
    second.answers = undefined;
    third.answers = undefined;
  }
  await first?.close();
  await until(() => finished.length >= 8);
  if (second !== undefined) second.fault = undefined;
  const runs = await Promise.all(started.map(({ done }) => done));
  expect(runs.map(({ status, error }) => [status, error])).toEqual(Array(count).fill(["done", undefined]));
  expect(runs.map(({ image }) => image.id)).toEqual(images.map(({ id }) => id));
  expect(runs.map(({ detections }) => detections.length)).toEqual(Array(count).fill(1));
  expect([...finished].sort()).toEqual(started.map(({ runId }) => runId).sort());
});

it("a run on a server that is gone for good fails with what the server said last", async () => {
  const [engine = ""] = engines;
  const [file = ""] = await drawSmallPages(folder, 1);
  const { id } = await real.host.call("images.addPath", { path: file });
  const run = await real.run({ imageId: id, engines: [engine] });
  expect(run).toMatchObject({
    status: "failed",
    error: { code: "ENDPOINT_UNREACHABLE", retry: {} },
    engine: { backend: "remote", endpoint: { id: engine } },
  });
});
