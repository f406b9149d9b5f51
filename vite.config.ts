import { builtinModules } from "node:module";
import react from "@vitejs/plugin-react";
import type { EnvironmentOptions } from "vite";
import { defineConfig } from "vitest/config";
import manifest from "./package.json" with { type: "json" };
import { limits } from "./test/support/patience.ts";

const nodeExternals = [
  "electron",
  ...builtinModules,
  ...builtinModules.map((name) => `node:${name}`),
  ...Object.keys(manifest.dependencies),
];

/** A bundle that runs in Node or Electron: our sources in one file each, packages left to node_modules. */
function nodeEnvironment(
  outDir: string,
  input: Record<string, string>,
  format: "es" | "cjs",
  externals: readonly string[] = nodeExternals,
): EnvironmentOptions {
  return {
    consumer: "server",
    resolve: { external: [...externals], noExternal: externals === nodeExternals ? [] : true },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: "node20",
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input,
        external: (id) => externals.some((name) => id === name || id.startsWith(`${name}/`)),
        output: {
          format,
          entryFileNames: format === "cjs" ? "[name].cjs" : "[name].js",
          chunkFileNames: "[name]-[hash].js",
        },
      },
    },
  };
}

/** One environment for each kind of process. */
const processes: Record<string, EnvironmentOptions> = {
  client: {
    build: {
      outDir: "../dist/renderer",
      emptyOutDir: true,
      target: "chrome130",
      sourcemap: false,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
    },
  },
  main: nodeEnvironment(
    "../dist/main",
    {
      main: "../app/main.ts",
      cli: "../app/cli.ts",
      start: "../app/start.ts",
      "fits-worker": "../app/host/doctor/fits-worker.ts",
    },
    "es",
  ),
  // A sandboxed preload can require nothing but electron: everything else is bundled into it.
  preload: nodeEnvironment("../dist/preload", { preload: "../app/preload.ts" }, "cjs", ["electron"]),
  engine: nodeEnvironment("../dist/engine", { engine: "../app/engine/main.ts" }, "es"),
};

/** `vite build --app` builds every process's bundle into dist/. */
export default defineConfig({
  root: "renderer",
  base: "./",
  plugins: [react()],
  define: { __HOLOSCOPE_VERSION__: JSON.stringify(manifest.version) },
  // Vitest would bundle all packages into the tests, because the preload does so.
  environments: process.env.VITEST ? {} : processes,
  test: {
    root: import.meta.dirname,
    include: ["test/**/*.test.{ts,tsx}"],
    testTimeout: limits.test,
    hookTimeout: limits.hook,
    // Reports take the stages' colours from this file; other style sheets are empty in tests.
    css: { include: /styles\/tokens\.css/ },
    // Two cores are common; native tests saturate them, and more workers only make timings worse.
    maxWorkers: 2,
  },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) await builder.build(environment);
    },
  },
});
