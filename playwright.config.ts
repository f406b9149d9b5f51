import { defineConfig } from "@playwright/test";
import { chromiumArgs, chromiumPath } from "./test/support/chromium.ts";
import { limits } from "./test/support/patience.ts";

/** Browser specs drive the served UI with the real engine; one at a time, since they share the cores with it. */
export default defineConfig({
  testDir: "test/e2e",
  fullyParallel: false,
  workers: 1,
  timeout: limits.test,
  expect: { timeout: limits.wait },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: chromiumPath(), args: [...chromiumArgs] },
    trace: "retain-on-failure",
  },
});
