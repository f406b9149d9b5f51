import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The text before the fuses in Electron's program (@electron/fuses). */
export const fuseSentinel = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
/** Electron's own settings of its fuses, in wire order: "1" on, "0" off. */
export const originalFuses = "10110001";

/**
 * A folder with the names that an unpacked Electron for Linux has, for packaging where the real one cannot be
 * fetched. The program cannot run, but holds fuses that can be set.
 */
export function makeStandInElectron(folder: string, version: string): void {
  mkdirSync(path.join(folder, "resources"), { recursive: true });
  mkdirSync(path.join(folder, "locales"));
  const program = Buffer.concat([
    Buffer.from("not a program: a stand-in for Electron\n"),
    Buffer.from(fuseSentinel),
    // Version of the fuse wire and its length, as bytes.
    Buffer.from([1, originalFuses.length]),
    Buffer.from(originalFuses),
    Buffer.from("\n"),
  ]);
  const files: Record<string, string | Buffer> = {
    electron: program,
    "chrome-sandbox": "",
    chrome_crashpad_handler: "",
    version,
    LICENSE: "licence of Electron",
    "LICENSES.chromium.html": "licences of Chromium",
    "libffmpeg.so": "",
    "icudtl.dat": "",
    "resources.pak": "",
    "locales/en-US.pak": "",
    "locales/de.pak": "",
    "resources/default_app.asar": "",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  chmodSync(path.join(folder, "electron"), 0o755);
}
