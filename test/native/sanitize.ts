/**
 * `npm run test:sanitize`: the native tests once more, with our own C++ code (and llama.cpp's clip.cpp and mtmd.cpp)
 * compiled with AddressSanitizer and UndefinedBehaviorSanitizer. The first finding ends the process with a report.
 *
 * llama.cpp's prebuilt libraries and Node are not instrumented. Leaks are not looked for: Node leaves much of its memory
 * to the system when it ends.
 *   --quick  leaves out the longest tests, for `npm test`; all take several minutes
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "../support/repository.ts";

/** Tests of other things than compiled code. */
const LEFT_OUT = ["format", "patch"];

/** Together four fifths of the time; what they run is run by others too, with fewer sizes, grammars and types. */
const LONGEST = ["jump-forward", "windowed-attention", "cpu-attention"];

/** A library of the compiler's, absolute, or undefined where the compiler has none. */
function runtime(name: string): string | undefined {
  const { stdout } = spawnSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" });
  const file = stdout?.trim() ?? "";
  return path.isAbsolute(file) && existsSync(file) ? file : undefined;
}

function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const { status } = spawnSync(process.execPath, [path.join(repositoryRoot, "node_modules", script), ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  return status ?? 1;
}

// libstdc++ beside libasan: Node has its own one inside, in which libasan finds no function for exceptions.
const libraries = ["libasan.so", "libstdc++.so.6"].map(runtime);
if (process.platform !== "linux" || libraries.includes(undefined)) {
  console.log("The sanitized native tests are skipped: they need Linux and g++ with libasan.");
  process.exit(0);
}

const built = run("tsx/dist/cli.mjs", ["native/build.ts", "--sanitize"]);
if (built !== 0) process.exit(built);

const left = process.argv.includes("--quick") ? [...LEFT_OUT, ...LONGEST] : LEFT_OUT;
const exclude = left.flatMap((name) => ["--exclude", `test/native/${name}.test.ts`]);
process.exitCode = run("vitest/vitest.mjs", ["run", "test/native", ...exclude], {
  HOLOSCOPE_ADDON: "sanitized",
  LD_PRELOAD: libraries.join(" "),
  // Less freed memory set aside than the default of 256 MB, so that the tests of how much memory is used still hold.
  ASAN_OPTIONS: "detect_leaks=0:quarantine_size_mb=16",
  UBSAN_OPTIONS: "print_stacktrace=1",
});
