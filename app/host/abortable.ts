import { HoloscopeError } from "../contract/index.ts";

export function cancelledError(message = "The run was cancelled."): HoloscopeError {
  return new HoloscopeError("CANCELLED", message);
}

/** The error of every call that comes after the host was closed. */
export function closedError(): HoloscopeError {
  return new HoloscopeError("CANCELLED", "Holoscope was closed.");
}

/** Waits for `work`, but no longer than until the signal fires: then rejects with CANCELLED while the work goes on. */
export async function abortable<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  if (signal.aborted) {
    void work.catch(() => {});
    throw cancelledError();
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(cancelledError());
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
