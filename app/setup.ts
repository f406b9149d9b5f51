import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run setup`: makes a fresh clone ready to run. Builds the native addon (which skips itself when up to date),
 * then the bundles in dist/ unless they are newer than every source.
 */
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

function newestChange(entry: string): number {
  const stat = statSync(entry);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let newest = 0;
  for (const name of readdirSync(entry)) {
    if (name === "build" || name === "node_modules") continue;
    newest = Math.max(newest, newestChange(path.join(entry, name)));
  }
  return newest;
}

function run(what: string, script: string): void {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status, error } = spawnSync(npm, ["run", "--silent", script], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(`setup: ${what} failed${error ? `: ${error.message}` : ""}. The lines above say why.`);
  process.exit(1);
}

run("building the native addon", "build:native");

const stamp = path.join(root, "dist/engine/engine.js");
const sources = ["app", "renderer", "native", "package.json", "vite.config.ts"].map((name) => path.join(root, name));
if (!existsSync(stamp) || Math.max(...sources.map(newestChange)) > statSync(stamp).mtimeMs) {
  console.log("setup: bundling the app (vite)");
  run("bundling the app", "build");
}
