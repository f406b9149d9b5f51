import { readdir } from "node:fs/promises";
import path from "node:path";

/** All parts of a split model of which one file is given, in order; the file alone if it is not split. */
export async function splitFiles(file: string): Promise<string[]> {
  const match = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i.exec(path.basename(file));
  if (match === null) return [file];
  const [, stem = "", count = ""] = match;
  const names = await readdir(path.dirname(file)).catch(() => []);
  const parts = names.filter((name) => {
    const other = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i.exec(name);
    return other?.[1] === stem && other[2] === count;
  });
  return parts.length === 0 ? [file] : parts.sort().map((name) => path.join(path.dirname(file), name));
}
