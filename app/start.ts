import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { applicationFolder } from "./host/resources-folder.ts";
import { whyNoWindow } from "./start/choose-door.ts";
import { fetchRuntime, findRuntime, isAtLeast } from "./start/runtime.ts";

/**
 * `npm start`: opens the desktop window; where that is not possible, says why in one line and serves the same UI for
 * the browser. Arguments are passed on (image files, Chromium switches).
 */
const root = applicationFolder();
const args = process.argv.slice(2);
const manifestSchema = z.object({ engines: z.object({ node: z.string() }) });

/** The least Node that Electron's installer supports, such as "22.12.0". */
function installerNode(electronFolder: string): string | undefined {
  const manifest: unknown = JSON.parse(readFileSync(path.join(electronFolder, "package.json"), "utf8"));
  return manifestSchema.safeParse(manifest).data?.engines.node.match(/(?<!\d)\d+\.\d+\.\d+/)?.[0];
}

/** The Electron program, or the reason why it cannot open a window. Downloads it if that makes sense. */
async function obtainRuntime(): Promise<{ readonly program: string } | { readonly missing: string }> {
  const folder = path.join(root, "node_modules", "electron");
  const electronFolder = existsSync(folder) ? folder : undefined;
  const query = { electronFolder, env: process.env, platform: process.platform };
  const installed = findRuntime(query);
  const noWindow = whyNoWindow({ platform: process.platform, userId: process.getuid?.(), env: process.env, args });
  if (noWindow !== undefined)
    return { missing: installed === undefined ? `the Electron runtime is not installed, and ${noWindow}` : noWindow };
  if (installed !== undefined) return { program: installed };
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH)
    return { missing: `there is no Electron in ${process.env.ELECTRON_OVERRIDE_DIST_PATH}` };
  if (electronFolder === undefined) return { missing: "the electron package is not installed (npm ci installs it)" };

  // Printed only if it takes a while; an immediate failure needs just one line.
  const notice = setTimeout(() => console.log("Fetching the Electron runtime (about 110 MB, once) ..."), 3_000);
  const failure = await fetchRuntime(electronFolder);
  clearTimeout(notice);
  const fetched = findRuntime(query);
  if (fetched !== undefined) return { program: fetched };
  const wanted = installerNode(electronFolder);
  const tooOld = wanted !== undefined && !isAtLeast(process.versions.node, wanted);
  const advice = tooOld ? `; its installer needs Node ${wanted} or newer, this is ${process.versions.node}` : "";
  return { missing: `the Electron runtime could not be fetched: ${failure ?? "nothing was unpacked"}${advice}` };
}

/** Ends as the child ends. Ctrl+C reaches both; the child decides when it is done. */
function follow(child: ChildProcess, started: string): void {
  const begun = performance.now();
  const noteSignal = (): void => {};
  process.on("SIGINT", noteSignal);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.once("error", (error) => {
    console.error(`${started} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.once("exit", (code, signal) => {
    const early = performance.now() - begun < 5_000;
    if (early && (signal !== null || code !== 0) && started === "Electron")
      console.error(
        `Electron ended at once (${signal ?? `exit code ${code}`}). "npm run serve" shows the same UI in a browser.`,
      );
    process.exit(code ?? 1);
  });
}

function serve(reason: string): void {
  console.log(`No desktop window: ${reason}. Serving the same UI for the browser instead.`);
  const cli = path.join(root, "dist", "main", "cli.js");
  follow(spawn(process.execPath, [cli, "serve"], { stdio: "inherit" }), "The server");
}

const runtime = await obtainRuntime();
if ("missing" in runtime) {
  serve(runtime.missing);
} else {
  if (args.includes("--no-sandbox")) console.warn("Chromium's sandbox is off, as asked for with --no-sandbox.");
  // ELECTRON_RUN_AS_NODE in the environment would start a plain Node instead of a window.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  follow(spawn(runtime.program, [root, ...args], { stdio: "inherit", env }), "Electron");
}
