import type { ModelJob } from "../../app/contract/index.ts";
import type { Host } from "../../app/host/types.ts";

/** Follows a job until it ends; gives every state that was seen, the last one last. */
export async function finishedJob(host: Host, start: Promise<{ jobId: string }>): Promise<readonly ModelJob[]> {
  const seen: ModelJob[] = [];
  let wake: () => void = () => {};
  const stop = host.on("models.job", (job) => {
    seen.push(job);
    wake();
  });
  try {
    const { jobId } = await start;
    for (;;) {
      const own = seen.filter(({ id }) => id === jobId);
      if (["done", "failed", "cancelled"].includes(own.at(-1)?.state ?? "")) return own;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stop();
  }
}
