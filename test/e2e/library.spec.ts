import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { RunRecord } from "../../app/contract/index.ts";
import { seriousViolations } from "../support/axe.ts";
import { dropFiles } from "../support/drop.ts";
import { samplePath } from "../support/repository.ts";
import { makeRun, makeRuns, pngImage, runFileOf } from "../support/run-fixtures.ts";
import { expect, test } from "./fixture.ts";

const jsonFile = (name: string, text: string) => ({ name, bytes: Buffer.from(text), type: "application/json" });

/** Puts runs into the served library through the door that any client has. */
async function store(url: string, runs: readonly RunRecord[]): Promise<void> {
  for (const run of runs) {
    const response = await fetch(`${url}/api/call/runs.import`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify({ json: JSON.stringify(run) }),
    });
    expect(response.status).toBe(200);
  }
}

const rows = (page: Page) => page.getByTestId("library-row");
const openLibrary = async (page: Page, url: string) => {
  await page.goto(url);
  await page.keyboard.press("l");
  await expect(page.getByTestId("library")).toBeVisible();
};

test.beforeAll(async ({ served }) => {
  await store(served.url, makeRuns(60));
});

test("a run file from another machine opens where it is dropped, with its image", async ({ page, served }) => {
  const bytes = await readFile(samplePath("settings"));
  const run = makeRun({
    id: "far-away-run-0001",
    machine: "Far away",
    backend: "metal",
    image: pngImage(bytes, "settings-elsewhere.png"),
    boxes: [{ bbox: [100, 100, 300, 200], label: "button" }],
  });
  await page.goto(served.url);
  const annotations = { name: "From the Mac", tags: ["mac"] };
  await dropFiles(page, [jsonFile("far.json", runFileOf(run, { image: bytes, annotations }))]);
  await expect(page.getByTestId("box")).toHaveCount(1);
  await expect(page.getByTestId("provenance")).toContainText("Far away");
  await expect
    .poll(() => page.getByTestId("screenshot").evaluate((image) => (image as HTMLImageElement).naturalWidth))
    .toBe(run.image.width);

  await page.keyboard.press("l");
  await page.getByTestId("library-search").fill("from the mac");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("mac");
});

test("a run file without its image shows boxes and size all the same", async ({ page, served }) => {
  const run = makeRun({ id: "far-away-run-0002", machine: "Far away" });
  await page.goto(served.url);
  await dropFiles(page, [jsonFile("plain.json", JSON.stringify(run))]);
  await expect(page.getByTestId("box")).toHaveCount(3);
  await expect(page.getByTestId("canvas")).toContainText(/image/i);
});

test("other JSON is refused with what to do", async ({ page, served }) => {
  await page.goto(served.url);
  await dropFiles(page, [jsonFile("notes.json", '{"hello":1}')]);
  await expect(page.getByTestId("error-banner").first()).toContainText("notes.json");
});

test("runs are found by search and filters, and sorted", async ({ page, served }) => {
  await openLibrary(page, served.url);
  await page.getByTestId("library-machine").selectOption("Old laptop");
  await expect(page.getByTestId("library-count")).toContainText(/^15 of \d+ runs$/);
  await page.getByTestId("library-search").fill("nano");
  await expect(page.getByTestId("library-count")).toContainText(/^5 of/);
  await page.getByRole("button", { name: "Total" }).click();
  await expect(page.getByRole("columnheader", { name: "Total" })).toHaveAttribute("aria-sort", "ascending");
  await page.getByTestId("library-clear").click();
  await page.getByTestId("library-from").fill("2026-03-01");
  await page.getByTestId("library-to").fill("2026-03-01");
  await expect(page.getByTestId("library-count")).toContainText(/ of /);
  await expect(rows(page).first()).toContainText("1 Mar 2026");
});

test("name, tags and note are kept", async ({ page, served }) => {
  await openLibrary(page, served.url);
  await page.getByTestId("library-machine").selectOption("Workstation");
  await rows(page).first().click();
  const details = page.getByTestId("library-details");
  await details.getByLabel("Name").fill("Cold start");
  await details.getByLabel("Name").press("Enter");
  await details.getByPlaceholder("Add a tag, Enter").fill("baseline");
  await details.getByPlaceholder("Add a tag, Enter").press("Enter");
  await details.getByLabel("Note").fill("Fans were loud");
  await details.getByLabel("Name").focus();
  await expect(rows(page).first()).toContainText("Cold start");
  await expect(rows(page).first()).toContainText("baseline");

  await page.reload();
  await page.keyboard.press("l");
  await page.getByTestId("library-tag").selectOption("baseline");
  await expect(rows(page)).toHaveCount(1);
  await page.getByTestId("library-search").fill("fans");
  await rows(page).first().click();
  await expect(page.getByTestId("library-details").getByLabel("Note")).toHaveValue("Fans were loud");
});

test("deleted runs come back with Undo", async ({ page, served }) => {
  await openLibrary(page, served.url);
  await page.getByTestId("library-machine").selectOption("MacBook Pro");
  await expect(page.getByTestId("library-count")).toContainText(/^15 of/);
  await rows(page).nth(0).click();
  await rows(page)
    .nth(2)
    .click({ modifiers: ["Shift"] });
  await page.getByTestId("library-delete").click();
  await expect(page.getByTestId("library-count")).toContainText(/^12 of/);
  await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByTestId("library-count")).toContainText(/^15 of/);
});

test("the keyboard moves, selects, deletes and opens; axe finds nothing serious", async ({ page, served }) => {
  await openLibrary(page, served.url);
  await page.getByTestId("library-machine").selectOption("Old laptop");
  const grid = page.getByTestId("library-grid");
  await expect(rows(page).first()).toBeVisible();
  await grid.focus();
  await page.keyboard.press("End");
  await expect(page.locator('[data-testid="library-row"][data-active="true"]')).toHaveAttribute(
    "aria-rowindex",
    (await grid.getAttribute("aria-rowcount")) ?? "",
  );
  await page.keyboard.press("Home");
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(page.locator('[data-testid="library-row"][aria-selected="true"]')).toHaveCount(2);

  expect(await seriousViolations(page)).toEqual([]);

  await page.keyboard.press("Enter");
  await expect(page.getByTestId("library")).toHaveCount(0);
  await expect(page.getByTestId("box")).toHaveCount(3);
  await page.keyboard.press("l");
  await page.getByTestId("library-grid").focus();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("library")).toHaveCount(0);
});
