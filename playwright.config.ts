import { defineConfig } from "@playwright/test";
import { chromiumArgs, chromiumPath } from "./test/support/chromium.ts";

/** Browser specs drive the served UI with the real engine; one at a time, since they share two cores with it. */
export default defineConfig({
  testDir: "test/e2e",
  fullyParallel: false,
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: chromiumPath(), args: [...chromiumArgs] },
    trace: "retain-on-failure",
  },
});
