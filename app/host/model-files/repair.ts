import path from "node:path";
import type { ConversionTarget } from "../../contract/model-files.ts";

/** "mmproj-x-bf16.gguf" becomes "mmproj-x-f16.gguf"; a name that says no bf16 gets the type added. */
export function convertedName(file: string, to: ConversionTarget, number = 1): string {
  const stem = path.basename(file).replace(/\.gguf$/i, "");
  const renamed = stem.replace(/(?<![a-z0-9])bf16(?![a-z0-9])/i, to);
  const name = renamed === stem ? `${stem}-${to}` : renamed;
  return `${name}${number === 1 ? "" : `-${number}`}.gguf`;
}
