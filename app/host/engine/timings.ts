/**
 * How long the host waits for the engine before it acts, in ms. A healthy engine must keep within them on a machine
 * that other work slows several times: ending it costs the run and the loaded model.
 */
export interface HostTimings {
  /** Start of an engine process; a GPU driver's first initialisation may take many seconds. */
  readonly start: number;
  /** How long a killed process may take to disappear. */
  readonly exit: number;
  readonly probe: number;
  readonly inspect: number;
  readonly overlay: number;
  /**
   * How long a load or detection may go without a message; encoding a large image with a 7B model takes minutes on an
   * idle CPU.
   */
  readonly runSilence: number;
  /**
   * How long a cancelled run may take to end before its engine is killed; one node of a 7B model's graph takes seconds.
   */
  readonly cancelGrace: number;
}

export const defaultTimings: HostTimings = {
  start: 120_000,
  exit: 10_000,
  probe: 60_000,
  inspect: 120_000,
  overlay: 120_000,
  runSilence: 60 * 60_000,
  cancelGrace: 20_000,
};
