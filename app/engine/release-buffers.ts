import v8 from "node:v8";
import vm from "node:vm";

let collect: (() => void) | undefined;

/**
 * Frees the pixel buffers that nothing refers to any more; takes a few ms. V8 counts only a few bytes for each, so its
 * small heap would rarely start the collection that frees tens of megabytes of them.
 */
export function releaseBuffers(): void {
  collect ??= collector();
  collect();
}

/** V8's collector, which Node hands out only with this flag. */
function collector(): () => void {
  v8.setFlagsFromString("--expose-gc");
  const found: unknown = vm.runInNewContext("gc");
  return typeof found === "function" ? () => void found() : () => {};
}
