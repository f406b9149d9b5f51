import { setTimeout as sleep } from "node:timers/promises";

/**
 * How long tests wait before they give up, ms. Generous on purpose: a limit only ends a test that hangs, and a machine may
 * be several times slower than usual because of other work. Nothing is concluded from how long something took.
 */
export const limits = { test: 15 * 60_000, hook: 15 * 60_000, wait: 5 * 60_000 } as const;

/** Calls `check` again and again until it no longer throws; throws what it threw last after `limits.wait`. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + limits.wait;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await sleep(5);
  }
}

/** Waits until `condition` holds. */
export function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  return eventually(async () => {
    if (!(await condition())) throw new Error(`This never became true: ${condition}`);
  });
}
