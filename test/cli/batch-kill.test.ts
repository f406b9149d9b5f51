import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunRecord, runRecordSchema } from "../../app/contract/index.ts";
import { type ModelServer, startModelServer } from "../mocks/model-server.ts";
import { until } from "../support/patience.ts";
import { drawSmallPages } from "../support/small-pages.ts";
import { startCli, whenEnded } from "./built-cli.ts";

/** The client as its own process, killed at five points of a batch. */
const count = 11;
let folder: string;
let server: ModelServer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-killed-"));
  await drawSmallPages(path.join(folder, "pages"), count);
  server = await startModelServer("vllm", ['[{"bbox_2d": [', "100, 100, ", '200, 200], "label": "', 'Save"}', "]"]);
  expect((await whenEnded(cli("engines", "add", "Studio", server.url))).code).toBe(0);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const cli = (...args: string[]) => startCli(args, path.join(folder, "data"));
const begin = (name: string) =>
  cli(
    ...["batch", path.join(folder, "pages"), "--engine", "studio", "--no-cache"],
    ...["--journal", path.join(folder, `${name}.jsonl`), "--jsonl", path.join(folder, `${name}-runs.jsonl`)],
  );
const doneIn = async (name: string): Promise<number> => {
  const text = await readFile(path.join(folder, `${name}.jsonl`), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line.includes('"outcome":"done"')).length;
};
const found = async (name: string) => {
  const lines = (await readFile(path.join(folder, `${name}-runs.jsonl`), "utf8")).trimEnd().split("\n");
  const runs = lines.map((line): RunRecord => runRecordSchema.parse(JSON.parse(line)));
  return runs.map(({ image, status, detections, result }) => [image.id, status, detections, result?.rawOutput]);
};

it("kill -9 at five points, then once to the end, gives what no kill gives, each image once", async () => {
  expect((await whenEnded(begin("calm"))).code).toBe(0);
  const before = server.asked.length;
  for (let kill = 1; kill <= 5; kill++) {
    // It answers two more, so the client is surely at work when the kill comes.
    server.answers = server.asked.length + 2;
    const client = begin("killed");
    const ended = whenEnded(client);
    await until(async () => client.exitCode !== null || (await doneIn("killed")) >= 2 * kill);
    expect(client.exitCode).toBeNull();
    client.kill("SIGKILL");
    await ended;
    expect(await doneIn("killed")).toBe(2 * kill);
  }
  server.answers = undefined;
  const last = await whenEnded(begin("killed"));
  expect(last.code, last.err).toBe(0);
  expect(last.out).toContain(`${count} of ${count} done`);
  expect(await doneIn("killed")).toBe(count);
  // Besides the eleven, only what was under way at a kill was asked again.
  expect(server.asked.length - before).toBeLessThanOrEqual(count + 5 * 9);
  expect(await found("killed")).toEqual(await found("calm"));
});
