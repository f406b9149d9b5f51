import { test as base } from "@playwright/test";
import { type Served, serveHoloscope } from "../support/serve.ts";

export const test = base.extend<object, { readonly served: Served }>({
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
