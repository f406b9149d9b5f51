import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";
import manifest from "../../../package.json" with { type: "json" };

const root = path.dirname(path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url)))));
const external = [...Object.keys(manifest.dependencies)];

/** A program as one file beside the command line's, for machines without npm (resources/docs/bench.md). */
const bundled = (input: string, file: string) => ({
  cwd: root,
  input,
  platform: "node" as const,
  external: (id: string) => id.startsWith("node:") || external.some((name) => id === name || id.startsWith(`${name}/`)),
  output: { file, format: "esm" as const, codeSplitting: false },
});

export default defineConfig([
  bundled("test/bench/cuda/bench.ts", "dist/main/bench-cuda.js"),
  bundled("test/bench/cuda-check.ts", "dist/main/cuda-check.js"),
]);
