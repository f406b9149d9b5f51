/** How long the host waits for the engine before it takes steps; all in ms. */
export interface HostTimings {
  /** Start of an engine process; a GPU driver's first initialisation may take many seconds. */
  readonly start: number;
  /** A killed process may take so long to disappear. */
  readonly exit: number;
  readonly probe: number;
  readonly inspect: number;
  readonly overlay: number;
  /** A load or detection without any sign of life; encoding a large image with a 7B model on a CPU takes minutes. */
  readonly runSilence: number;
  /** A cancelled run may take so long to end before its engine is killed. */
  readonly cancelGrace: number;
}

export const defaultTimings: HostTimings = {
  start: 60_000,
  exit: 3_000,
  probe: 30_000,
  inspect: 60_000,
  overlay: 60_000,
  runSilence: 15 * 60_000,
  cancelGrace: 5_000,
};
