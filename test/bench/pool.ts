import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { RunRecord } from "../../app/contract/index.ts";
import { spreadOf } from "../../app/presentation/spread.ts";
import { startCli, whenEnded } from "../cli/built-cli.ts";
import { type LlamaServer, startLlamaServer } from "../support/llama-server.ts";
import { until } from "../support/patience.ts";
import { repositoryRoot } from "../support/repository.ts";
import { drawSmallPages, smallPageSize } from "../support/small-pages.ts";

/**
 * What a batch over several llama-servers is worth, with the bundled detector on small drawn pages and the built command
 * line as the client: one of three servers killed and started again midway; the client killed at five points and started
 * again; and images a second of two servers, of one thread each, together and alone in turns.
 * 0 leaves a part out. Usage: npx tsx test/bench/pool.ts [images] [images of the killed client] [images of a throughput round] [rounds]
 */
const [images = 300, killedImages = 60, roundImages = 20, rounds = 3] = process.argv.slice(2).map(Number);

const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-pool-"));
const dataFolder = path.join(folder, "data");
const pages = await drawSmallPages(path.join(folder, "pages"), Math.max(images, killedImages));
/** Of a throughput round: larger, so that the client's part of the time is small beside the servers'. */
const roundScale = 2;
const roundPages = await drawSmallPages(path.join(folder, "larger"), 2 * roundImages, roundScale);
const oneThread = ["-c", "4096", "-np", "1", "-t", "1", "-tb", "1", "-ub", "2048", "-fa", "off"];
const servers: LlamaServer[] = [];
for (let index = 0; index < 3; index++) servers.push(await startLlamaServer({ args: oneThread }));
const serverAt = (index: number): LlamaServer => {
  const server = servers[index];
  if (server === undefined) throw new Error(`There is no server ${index}.`);
  return server;
};
const names = ["one", "two", "three"];
for (const [index, name] of names.entries()) {
  const added = await whenEnded(
    startCli(["engines", "add", name, serverAt(index).url, "--preset", "model:nano"], dataFolder),
  );
  if (added.code !== 0) throw new Error(added.err);
}

/** Lines of a journal that tell of an image. */
function journalLines(
  journal: string,
): readonly { readonly image: string; readonly at: string; readonly run?: RunRecord }[] {
  try {
    const text = readFileSync(journal, "utf8");
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .slice(1, -1)
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

const journalOf = (name: string): string => path.join(folder, `${name}.jsonl`);
const begin = (name: string, count: number, engines: readonly string[], from = pages): ChildProcess =>
  startCli(
    [
      "batch",
      ...from.slice(0, count),
      ...engines.flatMap((engine) => ["--engine", engine]),
      ...["--journal", journalOf(name), "--json", path.join(folder, name), "--no-cache"],
    ],
    dataFolder,
  );

/** The run of each image, by the name of its file. */
async function runsOf(name: string): Promise<RunRecord[]> {
  const files = (await readdir(path.join(folder, name))).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, name, file), "utf8")));
  return texts.map((text) => JSON.parse(text) as RunRecord);
}

/** How two batches of the same images differ. What a server's slot had before moves probabilities in their last digits. */
async function difference(one: string, other: string): Promise<string> {
  const [first, second] = [await runsOf(one), await runsOf(other)];
  const told = ({ image, status, detections }: RunRecord): string =>
    JSON.stringify([image.id, status, detections.map(({ label, bbox }) => [label, bbox])]);
  const others = first.filter((run, index) => told(run) !== told(second[index] ?? run)).length;
  const confidences = first.flatMap(({ detections }, index) =>
    detections.map(({ confidence }, element) =>
      Math.abs(confidence - (second[index]?.detections[element]?.confidence ?? Number.NaN)),
    ),
  );
  return `${others} of ${first.length} images with other elements, confidences within ${Math.max(0, ...confidences).toExponential(1)}`;
}

function checkEachOnce(name: string, count: number): void {
  const lines = journalLines(journalOf(name));
  const once = new Set(lines.filter(({ run }) => run?.status === "done").map(({ image }) => image));
  if (lines.length !== count || once.size !== count) {
    throw new Error(`${name}: ${lines.length} lines about ${once.size} images instead of ${count}.`);
  }
}

/** One server is killed after a third of the images and started again, at the same address, after half of them. */
async function killServer(): Promise<void> {
  const client = begin("servers", images, names);
  const ended = whenEnded(client);
  const done = (): number => journalLines(journalOf("servers")).length;
  await until(() => done() >= images / 3 || client.exitCode !== null);
  const { port } = new URL(serverAt(1).url);
  await serverAt(1).end();
  const atKill = done();
  await until(() => done() >= images / 2 || client.exitCode !== null);
  servers[1] = await startLlamaServer({ args: oneThread, port: Number(port) });
  const atRestart = done();
  const { code, err } = await ended;
  if (code !== 0) throw new Error(`The batch ended with ${code}: ${err}`);
  checkEachOnce("servers", images);
  const by = new Map<string, number>();
  const after = new Map<string, number>();
  for (const [index, { run }] of journalLines(journalOf("servers")).entries()) {
    const id = run?.engine?.endpoint?.id ?? "?";
    by.set(id, (by.get(id) ?? 0) + 1);
    if (index >= atRestart) after.set(id, (after.get(id) ?? 0) + 1);
  }
  const text = (counts: Map<string, number>): string => [...counts].map(([id, count]) => `${id} ${count}`).join(", ");
  console.log(
    `three servers, "two" killed after ${atKill} images and started again after ${atRestart}: exit code ${code}, ` +
      `${images} results, each once; by server: ${text(by)}; after the restart: ${text(after)}`,
  );
}

/** The client is killed at five points and started again; its results are those of a client that nobody disturbed. */
async function killClient(): Promise<void> {
  const calm = await whenEnded(begin("calm", killedImages, names));
  if (calm.code !== 0) throw new Error(calm.err);
  const points: number[] = [];
  for (let kill = 1; kill <= 5; kill++) {
    const client = begin("killed", killedImages, names);
    const ended = whenEnded(client);
    await until(
      () => journalLines(journalOf("killed")).length >= (killedImages * kill) / 6 || client.exitCode !== null,
    );
    client.kill("SIGKILL");
    await ended;
    points.push(journalLines(journalOf("killed")).length);
  }
  const last = await whenEnded(begin("killed", killedImages, names));
  if (last.code !== 0) throw new Error(last.err);
  checkEachOnce("calm", killedImages);
  checkEachOnce("killed", killedImages);
  console.log(
    `client killed (SIGKILL) after ${points.join(", ")} of ${killedImages} images: ends with ${last.code}, each once; beside a ` +
      `client that is not killed ${await difference("calm", "killed")}`,
  );
}

/** Images per second between the first end and the last. */
async function throughput(name: string, engines: readonly string[]): Promise<number> {
  const { code, err } = await whenEnded(begin(name, roundImages * engines.length, engines, roundPages));
  if (code !== 0) throw new Error(err);
  const ends = journalLines(journalOf(name)).map(({ at }) => Date.parse(at));
  return ((ends.length - 1) * 1000) / ((ends.at(-1) ?? 0) - (ends[0] ?? 0));
}

async function measureThroughput(): Promise<void> {
  const sides = [["one"], ["two"], ["one", "two"]];
  const measured = sides.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < sides.length; turn++) {
      const side = (round + turn) % sides.length;
      measured[side]?.push(await throughput(`round-${round}-${side}`, sides[side] ?? []));
    }
  }
  const spreads = measured.map((values) => spreadOf(values));
  for (const [index, side] of sides.entries()) {
    const spread = spreads[index];
    const range = `${spread?.min.toFixed(2)} to ${spread?.max.toFixed(2)}`;
    console.log(`${side.join(" + ")}: ${spread?.median.toFixed(2)} images/s (${range}, ${rounds} runs)`);
  }
  const [one, two, both] = spreads.map((spread) => spread?.median ?? Number.NaN);
  const share = (both ?? Number.NaN) / ((one ?? Number.NaN) + (two ?? Number.NaN));
  console.log(`together / sum of each alone: ${share.toFixed(2)}`);
}

try {
  const { version } = JSON.parse(await readFile(path.join(repositoryRoot, "package.json"), "utf8")) as {
    version: string;
  };
  const cpu = os.cpus();
  console.log(
    `${cpu[0]?.model}, ${cpu.length} cores, ${os.platform()}, Node ${process.versions.node}, Holoscope ${version}, load average ` +
      `${os
        .loadavg()
        .map((load) => load.toFixed(1))
        .join(
          " ",
        )}; pages of ${smallPageSize.width} x ${smallPageSize.height} px, of throughput rounds ${roundScale} times that; ` +
      `llama-server ${oneThread.join(" ")}`,
  );
  if (images > 0) await killServer();
  if (killedImages > 0) await killClient();
  if (rounds > 0) await measureThroughput();
  console.log(
    `load average at the end ${os
      .loadavg()
      .map((load) => load.toFixed(1))
      .join(" ")}`,
  );
} finally {
  await Promise.all(servers.map((server) => server.end()));
  await rm(folder, { recursive: true, force: true });
}
