import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright";
import { chromiumArgs, chromiumPath } from "../support/chromium.ts";
import { repositoryRoot } from "../support/repository.ts";
import { makeRuns, writeRuns } from "../support/run-fixtures.ts";
import { formatSpread, runsArgument, spreadOf } from "./report.ts";

/**
 * How long a library of 5,000 runs takes from the arrival of its data to the first screen: from the last byte of the
 * answer to `runs.list` to the frame in which the first rows are painted, in Chromium. Prints median and spread; ends
 * with 1 if the median is above the limit.
 *
 *   npx tsx test/bench/library.ts [--runs N]
 */
const limitMs = 500;
const count = 5000;
const repeats = runsArgument(5);

const dataFolder = await mkdtemp(path.join(os.tmpdir(), "holoscope-bench-"));
await writeRuns(dataFolder, makeRuns(count, 1));
const server = spawn(process.execPath, ["dist/main/cli.js", "serve", "--port", "0"], {
  cwd: repositoryRoot,
  env: { ...process.env, HOLOSCOPE_DATA: dataFolder },
  stdio: ["ignore", "pipe", "inherit"],
});
const url = await new Promise<string>((resolve, reject) => {
  let output = "";
  server.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    const found = output.match(/http:\/\/127\.0\.0\.1:\d+/);
    if (found) resolve(found[0]);
  });
  server.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
});
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumArgs] });
const version = browser.version();
const times: number[] = [];
try {
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    await page.getByTestId("library-button").waitFor();
    const painted = page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const look = () => {
            if (document.querySelectorAll('[data-testid="library-row"]').length > 0) {
              // The frame after the one that laid the rows out: they are on the screen then.
              requestAnimationFrame(() => resolve(performance.now()));
            } else requestAnimationFrame(look);
          };
          look();
        }),
    );
    await page.getByTestId("library-button").click();
    const end = await painted;
    const arrived = await page.evaluate(() => {
      const entries = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("runs.list"));
      const last = entries.at(-1);
      return last instanceof PerformanceResourceTiming ? last.responseEnd : Number.NaN;
    });
    const shown = await page.getByTestId("library-count").textContent();
    if (shown !== "5,000 runs") throw new Error(`the library shows "${shown}"`);
    times.push(end - arrived);
    await page.close();
  }
} finally {
  await browser.close();
  server.kill("SIGTERM");
  await new Promise((resolve) => server.once("exit", resolve));
  await rm(dataFolder, { recursive: true, force: true });
}
const spread = spreadOf(times);
const [cpu] = os.cpus();
console.log(
  `machine   ${cpu?.model ?? "unknown"}, ${os.cpus().length} cores, Node ${process.versions.node}, Chromium ${version}`,
);
console.log(`library of ${count} runs, data arrived to first screen: ${formatSpread(spread)} (limit ${limitMs} ms)`);
process.exit(spread.median <= limitMs ? 0 : 1);
