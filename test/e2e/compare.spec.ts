import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { RunRecord } from "../../app/contract/index.ts";
import { seriousViolations } from "../support/axe.ts";
import { boxesOfB, comparedRun, fastStages, slowStages } from "../support/compared-runs.ts";
import { dropFiles } from "../support/drop.ts";
import { samplePath } from "../support/repository.ts";
import { pngImage, runFileOf } from "../support/run-fixtures.ts";
import { expect, test } from "./fixture.ts";

const fast = { ...fastStages, generate: 125 };

/** Runs as two other machines recorded them: one with Metal, two repeats with CUDA, one that reused its encoder. */
function runsFromElsewhere(screenshot: Buffer): readonly RunRecord[] {
  const image = pngImage(screenshot, "settings.png");
  const cuda = { image, backend: "cuda", machine: "GPU server", boxes: boxesOfB } as const;
  return [
    comparedRun({ id: "run-compare-metal", image, backend: "metal", machine: "Notebook", day: 1, stages: slowStages }),
    comparedRun({ ...cuda, id: "run-compare-cuda-1", day: 2, stages: fast }),
    comparedRun({ ...cuda, id: "run-compare-cuda-2", day: 4, stages: { ...fast, encode: 240 } }),
    comparedRun({ ...cuda, id: "run-compare-cuda-3", day: 6, stages: { ...fast, encode: 0.3 }, reused: ["encode"] }),
  ];
}

/** Drops the run files on the window and ticks the runs named. */
async function compare(page: Page, url: string, ids: readonly string[]): Promise<void> {
  const screenshot = await readFile(samplePath("settings"));
  const runs = runsFromElsewhere(screenshot);
  await page.goto(url);
  await expect(page.getByTestId("empty-state")).toBeVisible();
  await dropFiles(
    page,
    runs.map((run) => ({
      name: "run.json",
      bytes: Buffer.from(runFileOf(run, { image: screenshot })),
      type: "application/json",
    })),
  );
  await page.getByTestId("runs-tab").click();
  for (const id of ids) await page.locator(`[data-testid="compare-check"][data-run="${id}"]`).check();
  await page.getByTestId("compare-button").click();
  await expect(page.getByTestId("compare-view")).toBeVisible();
}

const twoRuns = ["run-compare-metal", "run-compare-cuda-1"] as const;
const allRuns = [...twoRuns, "run-compare-cuda-2", "run-compare-cuda-3"] as const;

/** Percent of the view that a side's boxes are cut off by: right edge of A, left edge of B. */
const cut = (page: Page, side: "a" | "b") =>
  page.getByTestId(`overlay-layer-${side}`).evaluate((element) => getComputedStyle(element).clipPath);

test("one run is not enough to compare", async ({ page, served }) => {
  await compare(page, served.url, twoRuns);
  await page.getByTestId("compare-close").click();
  await expect(page.getByTestId("canvas")).toBeVisible();
  await page.locator(`[data-run="${twoRuns[0]}"]`).uncheck();
  await expect(page.getByTestId("compare-button")).toBeDisabled();
});

test("two differing runs give exactly their differences", async ({ page, served }) => {
  await compare(page, served.url, twoRuns);
  const rows = page.getByTestId("difference-row");
  await expect(rows).toHaveCount(6);
  const texts = await rows.evaluateAll((found) =>
    found.map((row) => [row.getAttribute("data-kind"), ...[...row.children].map((part) => part.textContent)]),
  );
  expect(texts).toEqual([
    ["label", "link → tab", "Label changed", "IoU 1.00"],
    ["moved", "input", "Moved", "moved 5 px · IoU 0.80"],
    ["only-a", "checkbox", "Only in A", "20 × 20 px"],
    ["only-b", "icon", "Only in B", "40 × 40 px"],
    ["matched", "heading", "Matched", "moved 0.5 px · IoU 1.00"],
    ["matched", "button", "Matched", "IoU 1.00"],
  ]);
  await expect(page.getByTestId("box-a")).toHaveCount(5);
  await expect(page.getByTestId("box-b")).toHaveCount(5);

  await page.getByTestId("difference-kind").filter({ hasText: "Matched" }).click();
  await expect(rows).toHaveCount(4);

  await page.getByRole("button", { name: "Swap A and B" }).click();
  await expect(page.locator('[data-testid="difference-row"][data-kind="only-a"]')).toContainText("icon");
});

test("the handle divides the picture by pointer and keys, F flickers", async ({ page, served }) => {
  await compare(page, served.url, twoRuns);
  const handle = page.getByRole("slider", { name: /between A/ });
  await handle.focus();
  await page.keyboard.press("Home");
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("ArrowRight");
  await expect(handle).toHaveAttribute("aria-valuenow", "10");
  expect(await cut(page, "a")).toBe("inset(0px 90% 0px 0px)");
  expect(await cut(page, "b")).toBe("inset(0px 0px 0px 10%)");

  const view = await page.getByTestId("compare-picture").boundingBox();
  const grip = await handle.boundingBox();
  if (view === null || grip === null) throw new Error("the picture is not on screen");
  await page.mouse.move(grip.x + grip.width / 2, view.y + 60);
  await page.mouse.down();
  await page.mouse.move(view.x + view.width * 0.75, view.y + 60, { steps: 4 });
  await page.mouse.up();
  await expect(handle).toHaveAttribute("aria-valuenow", "75");

  await page.keyboard.press("f");
  expect([await cut(page, "a"), await cut(page, "b")]).toEqual(["none", "inset(0px 100% 0px 0px)"]);
  await page.keyboard.press("f");
  expect([await cut(page, "a"), await cut(page, "b")]).toEqual(["inset(0px 100% 0px 0px)", "none"]);
  await page.keyboard.press("b");
  expect([await cut(page, "a"), await cut(page, "b")]).toEqual(["none", "none"]);
});

test("a click in the list zooms to the pair, and Escape goes back step by step", async ({ page, served }) => {
  await compare(page, served.url, twoRuns);
  await page.locator('[data-testid="difference-row"][data-kind="moved"]').click();
  const chosen = page.locator('[data-testid="box-a"][data-selected="true"]');
  await expect(chosen).toHaveCount(1);
  await expect(page.locator('[data-testid="box-b"][data-selected="true"]')).toHaveCount(1);
  const view = await page.getByTestId("compare-picture").boundingBox();
  const box = await chosen.boundingBox();
  if (view === null || box === null) throw new Error("the pair is not on screen");
  expect(Math.abs(box.x + box.width / 2 - (view.x + view.width / 2))).toBeLessThan(6);
  expect(box.width).toBeGreaterThan(view.width * 0.35);

  await page.getByRole("listbox", { name: "Differences" }).press("ArrowDown");
  await expect(page.locator(`[data-testid="difference-row"][aria-selected="true"]`)).toContainText("checkbox");
  await page.keyboard.press("Escape");
  await expect(page.locator(`[data-testid="difference-row"][aria-selected="true"]`)).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("compare-view")).toBeHidden();
});

test("times stand side by side with their ratio to the baseline", async ({ page, served }) => {
  await compare(page, served.url, allRuns);
  await page.getByTestId("compare-tab-times").click();
  await page.getByTestId("compare-grouping").selectOption("backend");
  const row = (stage: string) => page.locator(`[data-testid="figures-row"][data-stage="${stage}"]`);
  // Two of the three CUDA runs measured the encoder: median 220 ms of 200 and 240; the third reused it.
  await expect(row("encode").getByTestId("figures-cell").nth(0)).toHaveText("800 ms");
  await expect(row("encode").getByTestId("figures-cell").nth(1)).toContainText("220 ms 0.28×");
  await expect(row("encode").getByTestId("figures-cell").nth(1)).toContainText("202 ms – 238 ms, 2 runs, 1 reused");
  await expect(row("generate").getByTestId("figures-cell").nth(1)).toContainText("125 ms 0.50×");
  await expect(row("total").getByTestId("figures-cell").nth(1)).toContainText("545 ms 0.39×");
  await expect(page.getByTestId("stacked-total").nth(1)).toContainText("545 ms 2 of 3 runs; 1 reused Encode");
  await expect(page.getByTestId("group-source").nth(1)).toContainText("Measured on GPU server");

  await page.getByTestId("compare-baseline").selectOption({ label: "CUDA" });
  await expect(row("encode").getByTestId("figures-cell").nth(0)).toHaveText("800 ms 3.6×");
});

test("the report's figures are off at first and marked as not measured here", async ({ page, served }) => {
  await compare(page, served.url, twoRuns);
  await page.getByTestId("compare-tab-times").click();
  await expect(page.getByTestId("stacked-row")).toHaveCount(2);
  await expect(page.locator('[data-source="reported"]')).toHaveCount(0);

  await page.getByTestId("compare-reported").check();
  await expect(page.locator('[data-testid="stacked-row"][data-source="reported"]')).toHaveText([
    "CPU (reported)",
    "Metal (reported)",
    "CUDA (reported)",
  ]);
  await expect(page.getByTestId("stacked-total").nth(2)).toHaveText("21.0 s reported, not measured here");
  await expect(page.getByTestId("stacked-total").nth(4)).toHaveText("1.50 s – 2.50 s reported, not measured here");
  await expect(page.getByTestId("reported-column")).toHaveCount(3);
  await expect(page.getByTestId("reported-column").nth(1)).toContainText("not measured here");
  const hatched = page.locator('.recharts-wrapper [fill^="url(#stacked-hatch-"]');
  expect(await hatched.count()).toBeGreaterThanOrEqual(7);
});

test("one configuration is followed over time", async ({ page, served }) => {
  await compare(page, served.url, allRuns);
  await page.getByTestId("compare-tab-history").click();
  await page.getByTestId("history-configuration").selectOption({ index: 1 });
  await expect(page.getByTestId("history-row")).toHaveCount(2);
  await expect(page.getByTestId("history-summary")).toContainText("2 runs, median 545 ms");
  await expect(page.getByTestId("history-chart").locator(".recharts-line-dots circle")).toHaveCount(2);
  await page.getByTestId("history-what").selectOption("generate");
  await expect(page.getByTestId("history-row")).toHaveCount(3);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious in the comparison, ${colorScheme}`, async ({ page, served }) => {
    await page.emulateMedia({ colorScheme });
    await compare(page, served.url, allRuns);
    for (const tab of ["elements", "times", "history"]) {
      await page.getByTestId(`compare-tab-${tab}`).click();
      if (tab === "times") await page.getByTestId("compare-reported").check();
      if (tab === "history") await expect(page.getByTestId("history-row").first()).toBeVisible();
      expect(await seriousViolations(page), tab).toEqual([]);
    }
  });
}
