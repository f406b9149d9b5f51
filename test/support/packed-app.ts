import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { extractAll, listPackage, statFile } from "@electron/asar";
import { z } from "zod";
import { repositoryRoot } from "./repository.ts";
import { makeStandInElectron } from "./stand-in-electron.ts";

/** The packaged application folder as `npm run pack` makes it, here around a stand-in for Electron. */
export interface PackedApp {
  /** The application folder. */
  readonly folder: string;
  /** Its resources: what the running app knows as `process.resourcesPath`. */
  readonly resources: string;
  /** Files in the asar, with forward slashes and without a leading one. */
  readonly asarFiles: readonly string[];
  /** Those of them that lie beside the asar as real files. */
  readonly unpackedFiles: readonly string[];
  /** The asar's contents as plain Node can read them, unpacked files included. */
  extract(): string;
  dispose(): void;
}

const electronSchema = z.object({ version: z.string() });

/** Packs the built application. Throws with the packer's output if that fails. */
export function packStandIn(): PackedApp {
  const work = mkdtempSync(path.join(os.tmpdir(), "holoscope-pack-"));
  const manifest: unknown = JSON.parse(
    readFileSync(path.join(repositoryRoot, "node_modules/electron/package.json"), "utf8"),
  );
  const electron = path.join(work, "electron");
  makeStandInElectron(electron, electronSchema.parse(manifest).version);

  const out = path.join(work, "out");
  const packed = spawnSync(
    process.execPath,
    ["--import", "tsx", "test/support/pack.ts", "--electron-dist", electron, "--out", out],
    { cwd: repositoryRoot, encoding: "utf8" },
  );
  if (packed.status !== 0) {
    rmSync(work, { recursive: true, force: true });
    throw new Error(`Packing failed:\n${packed.stdout}\n${packed.stderr}`);
  }

  const folder = path.join(out, process.arch === "x64" ? "linux-unpacked" : `linux-${process.arch}-unpacked`);
  const resources = path.join(folder, "resources");
  const asar = path.join(resources, "app.asar");
  const entries = listPackage(asar, { isPack: false })
    .map((name) => name.replace(/^[/\\]/, ""))
    .map((name) => ({ name, entry: statFile(asar, name) }))
    .filter(({ entry }) => !("files" in entry));
  return {
    folder,
    resources,
    asarFiles: entries.map(({ name }) => name.replaceAll("\\", "/")),
    unpackedFiles: entries.filter(({ entry }) => entry.unpacked).map(({ name }) => name.replaceAll("\\", "/")),
    extract: () => {
      const extracted = path.join(work, "extracted");
      extractAll(asar, extracted);
      return extracted;
    },
    dispose: () => rmSync(work, { recursive: true, force: true }),
  };
}
