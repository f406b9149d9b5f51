import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { BenchResult } from "../result.ts";
import { toMarkdown } from "./markdown.ts";
import { toSvg } from "./svg.ts";

/**
 * Writes bench.json, bench.md and bench.svg; answers their paths.
 * @param notes lines at the end of the Markdown
 */
export async function writeResult(
  folder: string,
  result: BenchResult,
  notes: readonly string[] = [],
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files = {
    "bench.json": `${JSON.stringify(result, null, 2)}\n`,
    "bench.md":
      notes.length === 0 ? toMarkdown(result) : `${toMarkdown(result)}\n${notes.map((note) => `- ${note}\n`).join("")}`,
    "bench.svg": toSvg(result),
  };
  const written: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await writeFile(file, text);
    written.push(file);
  }
  return written;
}
