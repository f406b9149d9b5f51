import path from "node:path";
import { z } from "zod";
import { withFileLock } from "../../app/host/disk/file-lock.ts";
import { createHost } from "../../app/host/host.ts";
import { spawnFakeEngine } from "./fake-engine.ts";

const [dataFolder = "", resourcesFolder = ""] = process.argv.slice(2);
const messageSchema = z.object({ id: z.int(), method: z.string(), params: z.unknown() });
const surroundings = { findGpuTypes: async () => [], hasGpuHardware: () => false };
const host = await createHost(
  { dataFolder, resourcesFolder, appVersion: "other", door: "desktop", spawnEngine: spawnFakeEngine },
  surroundings,
);

/** Resolves once the lock is held. */
function hold(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const held = withFileLock(path.join(dataFolder, name), "the file", () => {
      resolve();
      return new Promise(() => {});
    });
    held.catch(reject);
  });
}

process.on("message", (message) => {
  const { id, method, params } = messageSchema.parse(message);
  const work = method === "hold" ? hold(z.string().parse(params)) : host.dispatch(method, params);
  work.then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
