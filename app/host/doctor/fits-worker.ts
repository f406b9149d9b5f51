import { Worker } from "node:worker_threads";
import { estimateFits, type FitQuestion } from "./fits-estimate.ts";

/**
 * The program of the process that fits.ts starts. Its arguments are the question, which only fits.ts writes, so that it is
 * taken as it is, and the ms after which it ends whatever happens.
 */
const [, , question = "", limitMs] = process.argv;
// fits.ts may die first, and the estimate is synchronous, so that nothing in this thread would notice.
const watch = `setTimeout(() => process.kill(process.pid, "SIGKILL"), ${Number(limitMs)})`;
new Worker(watch, { eval: true }).unref();
const answer = await estimateFits(JSON.parse(question) as FitQuestion);
const parentPort: unknown = Reflect.get(process, "parentPort");
if (process.send !== undefined) process.send(answer);
else if (isUtilityPort(parentPort)) parentPort.postMessage(answer);

/** `process.parentPort` of Electron's utility process, as far as it is used here. */
function isUtilityPort(value: unknown): value is { postMessage(message: unknown): void } {
  return typeof value === "object" && value !== null && "postMessage" in value;
}
