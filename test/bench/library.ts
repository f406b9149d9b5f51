import os from "node:os";
import { chromium } from "playwright";
import { chromiumArgs, chromiumPath } from "../support/chromium.ts";
import { makeRuns, writeRuns } from "../support/run-fixtures.ts";
import { serveHoloscope } from "../support/serve.ts";
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

const served = await serveHoloscope((dataFolder) => writeRuns(dataFolder, makeRuns(count, 1)));
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumArgs] });
const version = browser.version();
const times: number[] = [];
try {
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(served.url);
    await page.getByTestId("library-button").waitFor();
    // The frame after the one that laid the rows out: they are on the screen then.
    const painted = page.waitForFunction<number | false>(
      () =>
        document.querySelector('[data-testid="library-row"]') !== null &&
        new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now()))),
      undefined,
      { polling: "raf" },
    );
    await page.getByTestId("library-button").click();
    const end = Number(await (await painted).jsonValue());
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
  await served.stop();
}
const spread = spreadOf(times);
const [cpu] = os.cpus();
console.log(
  `machine   ${cpu?.model ?? "unknown"}, ${os.cpus().length} cores, Node ${process.versions.node}, Chromium ${version}`,
);
console.log(`library of ${count} runs, data arrived to first screen: ${formatSpread(spread)} (limit ${limitMs} ms)`);
process.exit(spread.median <= limitMs ? 0 : 1);
