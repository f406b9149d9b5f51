import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";

/** Written by node-llama-cpp's build into its package: the llama.cpp release of its sources and binaries. */
const releaseFileSchema = z.object({ release: z.string() });

/** The llama.cpp release that is installed, such as "v0.4.0", without starting an engine; "unknown" if it cannot be told. */
export async function installedLlamaRelease(): Promise<string> {
  try {
    const entry = createRequire(import.meta.url).resolve("node-llama-cpp");
    const file = path.join(path.dirname(entry), "..", "llama", "binariesGithubRelease.json");
    return releaseFileSchema.parse(JSON.parse(await readFile(file, "utf8"))).release;
  } catch {
    return "unknown";
  }
}
