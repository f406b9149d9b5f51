import { test as base } from "@playwright/test";
import { type Served, serveHoloscope } from "../support/serve.ts";

interface WorkerFixtures {
  /** One server for the specs of a group, all of them by default: a group of its own has settings nobody changed. */
  readonly serverOf: string;
  readonly served: Served;
}

export const test = base.extend<object, WorkerFixtures>({
  serverOf: ["all", { scope: "worker", option: true }],
  served: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const served = await serveHoloscope();
      await use(served);
      await served.stop();
    },
    { scope: "worker" },
  ],
});

export { expect } from "@playwright/test";
