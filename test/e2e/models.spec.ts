import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test as base, expect, type Page } from "@playwright/test";
import { seriousViolations } from "../support/axe.ts";
import { FakeHub } from "../support/fake-hub.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { type Served, serveHoloscope } from "../support/serve.ts";

const repository = "some-org/Tiny-VL-GGUF";
const names = { model: "Tiny-VL-F16.gguf", other: "Tiny-VL-Q8_0.gguf", mmproj: "mmproj-Tiny-VL-BF16.gguf" };

interface Hubbed {
  readonly served: Served;
  readonly hub: FakeHub;
}

/** A served Holoscope whose hub is on this machine and holds a small pair with a bf16 mmproj. */
const test = base.extend<object, { readonly hubbed: Hubbed }>({
  hubbed: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-hub-"));
      const pair = await writeTinyQwen25vlPair(folder, { type: "bf16" });
      const [model, mmproj] = [await readFile(pair.modelPath), await readFile(pair.mmprojPath)];
      const hub = await FakeHub.start([
        { path: names.model, bytes: model },
        { path: names.other, bytes: Buffer.concat([model, Buffer.alloc(64)]) },
        { path: names.mmproj, bytes: mmproj },
      ]);
      const served = await serveHoloscope(undefined, { HF_ENDPOINT: hub.endpoint, NO_PROXY: "127.0.0.1" });
      await use({ served, hub });
      await served.stop();
      await hub.close();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
});

async function openModels(page: Page, { served }: Hubbed): Promise<void> {
  await page.goto(served.url);
  await expect(page.getByTestId("sample").first()).toBeVisible();
  await page.keyboard.press("m");
  await expect(page.getByTestId("model-card").first()).toBeVisible();
}

async function list(page: Page, reference = `hf:${repository}`): Promise<void> {
  await page.getByTestId("hub-reference").fill(reference);
  await page.keyboard.press("Enter");
}

const card = (page: Page, name: string | RegExp) => page.getByTestId("model-card").filter({ hasText: name });

test("shows the bundled model with size, types and whether it fits, and loads it", async ({ page, hubbed }) => {
  await openModels(page, hubbed);
  const nano = card(page, "bundled");
  await expect(nano).toContainText(/Size\s*\d/);
  await expect(nano).toContainText(/mmproj\s*(Q8_0|F16|F32)/);
  await expect(nano.getByTestId("fit")).toContainText("Source:");
  await expect(nano.getByTestId("model-remove")).toHaveCount(0);
  await nano.getByTestId("model-load").click();
  await expect(nano.getByTestId("model-unload")).toBeVisible();
  await nano.getByTestId("model-unload").click();
  await expect(nano.getByTestId("model-load")).toBeEnabled();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("models")).toBeHidden();
});

test("a download is cancelled, resumed, converted, removed and brought back", async ({ page, hubbed }) => {
  const { hub } = hubbed;
  await openModels(page, hubbed);
  await list(page);
  await expect(page.getByTestId("hub-model")).toHaveCount(2);
  await expect(page.getByTestId("hub-download")).toBeDisabled();
  await page.getByTestId("hub-model").filter({ hasText: names.model }).click();
  await expect(page.getByTestId("hub-mmproj")).toHaveValue(names.mmproj);

  hub.pace = 2048;
  await page.getByTestId("hub-download").click();
  await expect(page.getByTestId("job-figures")).toContainText(/of .*\(\d.* %\), .*\/s, .* left/);
  await page.getByTestId("job-cancel").click();
  await expect(page.getByTestId("unfinished")).toContainText("Interrupted");

  hub.pace = undefined;
  await page.getByTestId("pull-resume").click();
  await expect(page.getByTestId("job").filter({ hasText: "Downloaded" })).toBeVisible();
  expect(hub.fetches.some(({ range }) => range !== undefined && range !== "bytes=0-")).toBe(true);
  await expect(page.getByTestId("unfinished")).toHaveCount(0);

  const added = page.getByTestId("model-card").nth(1);
  await expect(added.getByTestId("convert-mmproj")).toBeVisible();
  const preset = added.getByTestId("model-preset");
  await expect(preset.locator("option").first()).toHaveText("By its name: Qwen2.5-VL");
  await preset.selectOption("gta1");
  await expect(preset.locator("option").first()).toHaveText("By its name");
  await expect(preset).toHaveValue("gta1");
  await preset.selectOption("auto");
  await expect(preset.locator("option").first()).toHaveText("By its name: Qwen2.5-VL");
  await expect(added.getByTestId("template-differs")).toHaveCount(0);
  await added.getByTestId("convert-mmproj").click();
  await expect(page.getByTestId("job").filter({ hasText: "Converted" })).toContainText("tensors");
  const converted = card(page, "(mmproj f16)");
  await expect(converted).toContainText(/mmproj\s*F16/);
  await expect(converted.getByTestId("convert-mmproj")).toHaveCount(0);

  await converted.getByTestId("model-remove").click();
  await expect(converted).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(converted).toBeVisible();
});

test("tells what is wrong with a reference", async ({ page, hubbed }) => {
  const { hub } = hubbed;
  await openModels(page, hubbed);
  hub.statuses.set("/api/models/some-org/gone", 404);
  await list(page, "some-org/gone");
  await expect(page.getByTestId("models-problem")).toHaveAttribute("data-code", "HUB_NOT_FOUND");
  await expect(page.getByTestId("models-problem")).toContainText("Check the name");
  hub.statuses.clear();
});

test("a browser page gives the command that imports from disk", async ({ page, hubbed }) => {
  await openModels(page, hubbed);
  await page.getByTestId("import-model").fill("/models/my model.gguf");
  await expect(page.getByTestId("import-command")).toHaveText('holoscope models import "/models/my model.gguf"');
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: "reduce" } });

    test("axe finds nothing serious", async ({ page, hubbed }) => {
      await openModels(page, hubbed);
      await list(page);
      await expect(page.getByTestId("hub-listing")).toBeVisible();
      await page.getByTestId("hub-model").first().click();
      expect(await seriousViolations(page)).toEqual([]);
    });
  });
}

test("being offline is one state with a way to try again", async ({ page }) => {
  const served = await serveHoloscope(undefined, { HF_ENDPOINT: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" });
  try {
    await page.goto(served.url);
    await page.getByTestId("models-button").click();
    await page.getByTestId("suggestion").first().click();
    await expect(page.getByTestId("hub-offline")).toContainText("HF_ENDPOINT");
    await expect(page.getByTestId("error-banner")).toHaveCount(0);
    await page.getByTestId("hub-retry").click();
    await expect(page.getByTestId("hub-offline")).toBeVisible();
  } finally {
    await served.stop();
  }
});

// Last, because its failed download stays in the list of jobs.
test("a pulled file that is no GGUF is named, and can be deleted", async ({ page, hubbed }) => {
  const { hub } = hubbed;
  const good = hub.files;
  const broken = "broken-org/Broken-GGUF";
  hub.files = [{ path: "Broken-Q8_0.gguf", bytes: Buffer.from("an error page") }, ...good.slice(2)];
  try {
    await openModels(page, hubbed);
    await list(page, broken);
    await page.getByTestId("hub-download").click();
    await expect(page.getByTestId("models-problem")).toHaveAttribute("data-code", "NOT_A_GGUF");
    const unused = page.getByTestId("unused");
    await expect(unused).toHaveCount(2);
    await expect(unused.first()).toContainText("used by no model");
    await unused.first().getByTestId("unused-discard").click();
    await expect(unused).toHaveCount(1);
    await unused.first().getByTestId("unused-discard").click();
    await expect(unused).toHaveCount(0);
  } finally {
    hub.files = good;
  }
});
