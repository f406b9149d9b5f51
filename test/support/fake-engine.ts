import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineRequest, EventName, EventPayload, RunRecord } from "../../app/contract/index.ts";
import { nodeEngineSpawner } from "../../app/host/engine/spawn-node.ts";
import { createHost } from "../../app/host/host.ts";
import type { HostSurroundings } from "../../app/host/parts.ts";
import type { EngineChild, Host, HostOptions } from "../../app/host/types.ts";

export const fakeEngineProgram = fileURLToPath(new URL("fake-engine.mjs", import.meta.url));
export const spawnFakeEngine = nodeEngineSpawner({ program: fakeEngineProgram });

/** A real host whose engine is test/support/fake-engine.mjs, on folders of its own. */
export interface FakeHost {
  readonly host: Host;
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  /** Every engine process started so far, newest last. */
  readonly engines: readonly EngineChild[];
  /** Every request sent to an engine so far. */
  readonly posted: readonly EngineRequest[];
  /** Bytes that the fake engine takes for an image. */
  addImage(text?: string): Promise<string>;
  /** A detection in mode "locate", whose target tells the fake engine what to do. */
  run(target: string): Promise<RunRecord>;
  /** Everything emitted for one event so far. */
  seen<E extends EventName>(event: E): readonly EventPayload<E>[];
  /** Another host on the same folders, as after a restart of the application. */
  again(): Promise<Host>;
  dispose(): Promise<void>;
}

const watched = [
  "engine.state",
  "run.queued",
  "run.progress",
  "run.finished",
  "runs.changed",
  "truth.changed",
  "settings.changed",
  "images.removed",
  "models.changed",
] as const;

export async function startFakeHost(
  surroundings: HostSurroundings = {},
  door: HostOptions["door"] = "desktop",
): Promise<FakeHost> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-fake-"));
  const dataFolder = path.join(folder, "data");
  const resourcesFolder = path.join(folder, "resources");
  await writeNano(resourcesFolder);
  const engines: EngineChild[] = [];
  const posted: EngineRequest[] = [];
  const hosts: Host[] = [];
  const start = async (): Promise<Host> => {
    const host = await createHost(
      {
        dataFolder,
        resourcesFolder,
        appVersion: "1.2.3",
        door,
        spawnEngine: () => {
          const child = spawnFakeEngine();
          const post = child.post.bind(child);
          child.post = (message) => {
            posted.push(message);
            post(message);
          };
          engines.push(child);
          return child;
        },
      },
      { findGpuTypes: async () => [], hasGpuHardware: () => false, ...surroundings },
    );
    hosts.push(host);
    return host;
  };
  const host = await start();
  const log: { readonly event: EventName; readonly payload: unknown }[] = [];
  for (const event of watched) host.on(event, (payload) => log.push({ event, payload }));
  const addImage = async (text = "640x480 default"): Promise<string> => {
    const { id } = await host.call("images.add", { bytes: new TextEncoder().encode(text), name: "shot.png" });
    return id;
  };
  return {
    host,
    dataFolder,
    resourcesFolder,
    engines,
    posted,
    addImage,
    run: async (target) => (await host.detect({ imageId: await addImage(), mode: "locate", target })).done,
    seen: <E extends EventName>(event: E) =>
      log.filter((entry) => entry.event === event).map(({ payload }) => payload as EventPayload<E>),
    again: start,
    dispose: async () => {
      await Promise.all(hosts.map((each) => each.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A file that the fake engine takes for a GGUF whose width is `width`. */
export async function writeFakeGguf(file: string, width: number, salt = ""): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ width, salt }));
  return file;
}

async function writeNano(resourcesFolder: string): Promise<void> {
  await writeFakeGguf(path.join(resourcesFolder, "models/nano/model.gguf"), 64, "model");
  await writeFakeGguf(path.join(resourcesFolder, "models/nano/mmproj.gguf"), 64, "mmproj");
  await mkdir(path.join(resourcesFolder, "samples"), { recursive: true });
  await writeFile(path.join(resourcesFolder, "samples/first.png"), "320x200 first");
  await writeFile(path.join(resourcesFolder, "samples/second.png"), "200x320 second");
}
