import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";
import manifest from "../../../package.json" with { type: "json" };

const root = path.dirname(path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url)))));
const external = [...Object.keys(manifest.dependencies)];

/** The benchmark as one file beside the command line's program, for machines without npm (resources/docs/bench.md). */
export default defineConfig({
  cwd: root,
  input: "test/bench/cuda/bench.ts",
  platform: "node",
  external: (id) => id.startsWith("node:") || external.some((name) => id === name || id.startsWith(`${name}/`)),
  output: { file: "dist/main/bench-cuda.js", format: "esm", codeSplitting: false },
});
