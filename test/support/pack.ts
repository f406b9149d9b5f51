import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type AfterPackContext, build, type Configuration, Platform } from "electron-builder";
import { z } from "zod";
import { thirdPartyNotices } from "./third-party.ts";

/**
 * `npm run pack [-- --electron-dist FOLDER] [--out FOLDER] [--unfused]`: makes the unpacked application folder from an
 * Electron runtime that is already there, without downloading anything.
 *
 *   --electron-dist  an unpacked Electron distribution; the installed runtime by default
 *   --out            where the folder goes; release/ by default
 *   --unfused        leaves Electron's fuses as they are: a fused program cannot be driven by Playwright
 */
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

const { values } = parseArgs({
  options: {
    "electron-dist": { type: "string" },
    out: { type: "string", default: "release" },
    unfused: { type: "boolean", default: false },
  },
});

function fail(message: string): never {
  console.error(`pack: ${message}`);
  process.exit(1);
}

/** The runtime's folder. Electron's installer writes path.txt last, once everything is unpacked. */
function electronFolder(): string {
  const given = values["electron-dist"] ?? process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (given !== undefined) return existsSync(given) ? path.resolve(given) : fail(`there is no folder ${given}`);
  const installed = path.join(root, "node_modules/electron");
  if (existsSync(path.join(installed, "path.txt"))) return path.join(installed, "dist");
  return fail(
    "the Electron runtime is not installed. Fetch it with `npx install-electron` (Node 22.12 or newer), or name an unpacked one with --electron-dist.",
  );
}

/** What only a bare Electron needs: its own start page, and the version that its installer looks for. */
function withoutStartPage({ appOutDir, electronPlatformName }: AfterPackContext): void {
  const resources = electronPlatformName === "darwin" ? "Electron.app/Contents/Resources" : "resources";
  for (const name of [`${resources}/default_app.asar`, "version"]) rmSync(path.join(appOutDir, name), { force: true });
}

for (const needed of ["dist/main/main.js", "native/build/out"])
  if (!existsSync(path.join(root, needed))) fail(`${needed} is missing: run \`npm run setup\` first`);

mkdirSync(path.join(root, "release/notices"), { recursive: true });
writeFileSync(path.join(root, "release/notices/third-party.txt"), thirdPartyNotices(root));

const electronManifest: unknown = JSON.parse(
  readFileSync(path.join(root, "node_modules/electron/package.json"), "utf8"),
);
const { version } = z.object({ version: z.string() }).parse(electronManifest);
const config: Configuration = {
  extends: path.join(root, "electron-builder.yml"),
  electronDist: electronFolder(),
  electronVersion: version,
  directories: { output: path.resolve(values.out) },
  afterExtract: withoutStartPage,
  ...(values.unfused ? { electronFuses: null } : {}),
};

await build({ projectDir: root, targets: Platform.current().createTarget("dir"), publish: "never", config });
