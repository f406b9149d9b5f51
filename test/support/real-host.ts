import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { DetectRequestInput, ImageRef, RunRecord } from "../../app/contract/index.ts";
import { nodeEngineSpawner } from "../../app/host/engine/spawn-node.ts";
import { createHost } from "../../app/host/host.ts";
import type { EngineChild, Host } from "../../app/host/types.ts";
import { repositoryRoot, samplePath } from "./repository.ts";

/** A real host with a real engine process on a data folder of its own; what a test needs beside it. */
export interface RealHost {
  readonly host: Host;
  readonly dataFolder: string;
  /** Every engine process started so far, newest last. */
  readonly engines: readonly EngineChild[];
  addSample(name: string): Promise<ImageRef>;
  run(request: DetectRequestInput): Promise<RunRecord>;
  /** Ends the engine and removes the data folder. */
  dispose(): Promise<void>;
}

/** Needs `npm run setup` (the addon and dist/engine); `npm test` does it first. */
export async function startRealHost(): Promise<RealHost> {
  const dataFolder = await mkdtemp(path.join(os.tmpdir(), "holoscope-test-"));
  const engines: EngineChild[] = [];
  const spawn = nodeEngineSpawner();
  const host = await createHost({
    dataFolder,
    resourcesFolder: path.join(repositoryRoot, "resources"),
    spawnEngine: () => {
      const child = spawn();
      engines.push(child);
      return child;
    },
    appVersion: "test",
    door: "desktop",
  });
  return {
    host,
    dataFolder,
    engines,
    addSample: (name) => host.call("images.addPath", { path: samplePath(name) }),
    run: async (request) => (await host.detect(request)).done,
    dispose: async () => {
      await host.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
