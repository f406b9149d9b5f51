import { splitNameOf } from "../../gguf/split-name.ts";

const types = "(?:UD-)?I?Q\\d(?:_[0-9A-Z]+)*|TQ\\d_\\d|MXFP4(?:_MOE)?|BF16|F16|F32|FP16|FP32";
const pattern = new RegExp(`(?<![a-z0-9])(?:${types})(?![a-z0-9])`, "gi");

/** The quantisation in a path: the last one in the file's name, else the last one in a folder's. */
export function quantisationOf(path: string): string | undefined {
  for (const name of path.split(/[\\/]/).reverse()) {
    const found = (splitNameOf(name)?.stem ?? name).match(pattern)?.at(-1);
    if (found !== undefined) return found.toUpperCase();
  }
  return undefined;
}

/** A file's name without the quantisations in it. */
export function withoutQuantisation(name: string): string {
  return name.replace(pattern, "");
}
