import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { _electron, type ElectronApplication, expect, type Page, test } from "@playwright/test";
import { type ErrorInfo, engineStateSchema, type HoloscopeBridge, runSummarySchema } from "../../app/contract/index.ts";
import { whyNoWindow } from "../../app/start/choose-door.ts";
import { findRuntime } from "../../app/start/runtime.ts";
import { repositoryRoot, samplePath } from "../support/repository.ts";

/** The desktop door in real Electron: only what a browser cannot show. The page itself is driven by the other specs. */
const runtime = findRuntime({
  electronFolder: path.join(repositoryRoot, "node_modules/electron"),
  env: process.env,
  platform: process.platform,
});
const isRoot = process.getuid?.() === 0;
const noWindow = whyNoWindow({
  platform: process.platform,
  userId: process.getuid?.(),
  env: process.env,
  // Tests may run as root; the sandbox is then off, as for the browser specs.
  args: isRoot ? ["--no-sandbox"] : [],
});
const skipReason = runtime === undefined ? "the Electron runtime is not installed (npx install-electron)" : noWindow;
if (skipReason !== undefined) console.log(`skipped: the desktop window (${skipReason})`);
test.skip(skipReason !== undefined, skipReason);

let dataFolder: string;
let app: ElectronApplication;
let page: Page;

test.beforeEach(async ({ browserName: _ }, { title }) => {
  dataFolder = await mkdtemp(path.join(os.tmpdir(), "holoscope-desktop-"));
  const { ELECTRON_RUN_AS_NODE: _runAsNode, ...env } = process.env;
  app = await _electron.launch({
    ...(runtime === undefined ? {} : { executablePath: runtime }),
    args: [repositoryRoot, ...(title.includes("command line") ? [samplePath("shop")] : [])],
    chromiumSandbox: !isRoot,
    env: { ...env, HOLOSCOPE_DATA: dataFolder },
  });
  page = await app.firstWindow();
  await expect(page.getByTestId("drop-zone").first()).toBeVisible();
});

test.afterEach(async () => {
  await app.close();
  // Windows gives files free some time after the process that held them has ended.
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

async function seesBoxes(): Promise<void> {
  await expect(page.getByTestId("total-ms")).toContainText(/\d\s*(ms|s)/);
  expect(await page.getByTestId("box").count()).toBeGreaterThanOrEqual(10);
  await expect(page.getByTestId("stage-row")).toHaveCount(7);
}

/** Whether the screenshot was loaded through the image route. */
const shownPixels = () =>
  page.getByTestId("screenshot").evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0));

test("a chosen file is opened by its path and detected", async () => {
  await page.getByTestId("file-input").setInputFiles(samplePath("settings"));
  await seesBoxes();
  expect(await shownPixels()).toBeGreaterThan(0);
  await expect(page.getByTestId("screenshot")).toHaveAttribute("src", /^holoscope:\/\/app\/images\/[0-9a-f]{64}$/);
});

test("dropped bytes are detected", async () => {
  const base64 = (await readFile(samplePath("settings"))).toString("base64");
  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], "settings.png", { type: "image/png" }));
    return data;
  }, base64);
  const zone = page.getByTestId("drop-zone").first();
  for (const type of ["dragenter", "dragover", "drop"]) await zone.dispatchEvent(type, { dataTransfer: transfer });
  await seesBoxes();
});

test("an image named on the command line is open at the start", async () => {
  await expect(page.getByTestId("screenshot")).toBeVisible();
  await expect.poll(shownPixels).toBeGreaterThan(0);
});

/** Calls the host as the page does. */
async function call(method: string, params: unknown): Promise<{ ok: boolean; value?: unknown; error?: ErrorInfo }> {
  return page.evaluate(
    ([name, given]) => {
      const bridge = Reflect.get(window, "holoscopeBridge") as HoloscopeBridge;
      return bridge.call(name, given);
    },
    [method, params] as const,
  );
}

test("a killed engine is noticed, and the next run works", async () => {
  await page.getByTestId("file-input").setInputFiles(samplePath("settings"));
  await seesBoxes();
  const pid = await app.evaluate(
    ({ app: main }) => main.getAppMetrics().find(({ name }) => name?.startsWith("Holoscope Engine"))?.pid,
  );
  if (pid === undefined) throw new Error("no engine process");
  process.kill(pid, "SIGKILL");
  await expect.poll(async () => engineStateSchema.parse((await call("engine.state", {})).value).state).not.toBe("idle");
  await page.getByTestId("detect-button").click();
  const statuses = async () =>
    runSummarySchema
      .array()
      .parse((await call("runs.list", {})).value)
      .map(({ status }) => status);
  await expect.poll(statuses).toEqual(["done", "done"]);
});

test("the page can reach nothing but the bridge", async () => {
  const reach = await page.evaluate(async () => {
    const outcome = (action: () => unknown): Promise<string> =>
      Promise.resolve()
        .then(action)
        .then(
          () => "allowed",
          () => "refused",
        );
    const bridge: unknown = Reflect.get(window, "holoscopeBridge");
    return {
      origin: location.origin,
      globals: ["require", "process", "module", "Buffer", "electron"].filter((name) => name in window),
      bridge: Object.keys(typeof bridge === "object" && bridge !== null ? bridge : {}).sort(),
      window: window.open("https://example.org/") === null,
      network: await outcome(() => fetch("https://example.org/")),
      file: await outcome(() => fetch("file:///etc/hosts")),
      traversal: await fetch("/..%2f..%2fpackage.json").then(({ status }) => status),
      evaluation: await outcome(() => new Function("return 1")()),
      camera: await outcome(() => navigator.mediaDevices.getUserMedia({ video: true })),
      clipboard: await outcome(() => navigator.clipboard.readText()),
      unframed: document.querySelectorAll("iframe").length,
    };
  });
  expect(reach).toEqual({
    origin: "holoscope://app",
    globals: [],
    bridge: ["call", "pathForFile", "subscribe"],
    window: true,
    network: "refused",
    file: "refused",
    traversal: 404,
    evaluation: "refused",
    camera: "refused",
    clipboard: "refused",
    unframed: 0,
  });

  // This listener is called after the application's own.
  const navigation = await app.evaluateHandle(({ BrowserWindow }) => ({
    refused: new Promise<boolean>((resolve) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.webContents.once("will-navigate", ({ defaultPrevented }) => resolve(defaultPrevented));
    }),
  }));
  await page.evaluate(() => {
    location.href = "https://example.org/";
  });
  expect(await navigation.evaluate(({ refused }) => refused)).toBe(true);
  expect(page.url()).toBe("holoscope://app/index.html");
});

test("the bridge refuses what the contract does not know", async () => {
  const requests = [
    ["app.quit", {}],
    ["images.get", { id: "../../etc/passwd" }],
    ["app.info", {}],
  ] as const;
  const answers: unknown[] = [];
  for (const [method, params] of requests) {
    const { ok, error } = await call(method, params);
    answers.push(error?.code ?? ok);
  }
  expect(answers).toEqual(["BAD_REQUEST", "BAD_REQUEST", true]);
});

test("the menu carries out its commands", async () => {
  await page.getByTestId("file-input").setInputFiles(samplePath("settings"));
  await seesBoxes();
  const click = (id: string): Promise<void> =>
    app.evaluate(({ Menu }, wanted) => Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(), id);
  await click("toggle-boxes");
  await expect(page.getByTestId("box")).toHaveCount(0);
  await click("toggle-boxes");
  await expect(page.getByTestId("box").first()).toBeVisible();

  await click("diagnostics");
  await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toContain("Holoscope");
});
