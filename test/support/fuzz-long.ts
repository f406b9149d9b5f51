import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fuzzVariables } from "./fuzz.ts";
import { repositoryRoot } from "./repository.ts";

/**
 * The fuzz tests with many more rounds and a new seed: `npm run fuzz -- [factor] [seed]`. The seed is printed first, so
 * that a run that crashes or hangs can be had again.
 */
const [factor = "50", seed = String(1 + Math.floor(Math.random() * 1e9))] = process.argv.slice(2);
console.log(`${factor} times the rounds of npm test, seed ${seed}: npm run fuzz -- ${factor} ${seed}`);

const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", "fuzz.test.ts", "--testTimeout=0"], {
  cwd: repositoryRoot,
  stdio: "inherit",
  env: { ...process.env, [fuzzVariables.factor]: factor, [fuzzVariables.seed]: seed },
});
process.exitCode = status ?? 1;
