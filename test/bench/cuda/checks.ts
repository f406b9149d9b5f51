import { execFileSync } from "node:child_process";

/** Prints what was found out and remembers whether all of it was as it should be. */
export class Checks {
  #failed = 0;

  get failed(): number {
    return this.#failed;
  }

  /** @param found the figures that led to the verdict */
  check(what: string, passed: boolean, found: string): void {
    if (!passed) this.#failed++;
    console.log(`${passed ? "ok  " : "FAIL"}  ${what}: ${found}`);
  }
}

export interface Gpu {
  readonly name: string;
  readonly driver: string;
  /** bytes in use by all programs */
  readonly memoryUsed: number;
}

/** The GPUs as the NVIDIA driver reports them. Throws if nvidia-smi is not there. */
export function queryGpus(): Gpu[] {
  const fields = "name,driver_version,memory.used";
  const text = execFileSync("nvidia-smi", [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"], {
    encoding: "utf8",
  });
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", driver = "", mebibytes = ""] = line.split(", ");
      return { name, driver, memoryUsed: Number(mebibytes) * 2 ** 20 };
    });
}

/** bytes in use on all GPUs together */
export const gpuMemoryUsed = (): number => queryGpus().reduce((sum, { memoryUsed }) => sum + memoryUsed, 0);

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `reached` or the time is over; the ms it took, or undefined. */
export async function waitUntil(reached: () => boolean, timeoutMs: number): Promise<number | undefined> {
  const start = performance.now();
  while (!reached()) {
    if (performance.now() - start > timeoutMs) return undefined;
    await sleep(50);
  }
  return performance.now() - start;
}
