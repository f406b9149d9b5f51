import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { FakeHost } from "./fake-engine.ts";

const answerSchema = z.object({ id: z.int(), result: z.unknown().optional(), error: z.string().optional() });

/** A host in a process of its own, on the folders of a host of the test. */
export interface OtherProcess {
  /** Calls a method of that host; `hold` takes the lock of a file of the data folder and never gives it back. */
  call(method: string, params: unknown): Promise<unknown>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** Starts test/support/other-process-main.ts. */
export async function startOtherProcess({ dataFolder, resourcesFolder }: FakeHost): Promise<OtherProcess> {
  const child = fork(fileURLToPath(new URL("other-process-main.ts", import.meta.url)), [dataFolder, resourcesFolder], {
    execArgv: ["--import", "tsx"],
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void exited.then(() => {
    for (const { reject } of waiting.values()) reject(new Error("the other process has ended"));
  });
  child.on("message", (message) => {
    const { id, result, error } = answerSchema.parse(message);
    const open = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) open?.resolve(result);
    else open?.reject(new Error(error));
  });
  let calls = 0;
  const call = (method: string, params: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      waiting.set(id, { resolve, reject });
      child.send({ id, method, params });
    });
  await call("app.info", {});
  return {
    call,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
