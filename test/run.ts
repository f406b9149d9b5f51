import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm test`: every check in order, each one's output as it comes, and closing lines that name what failed and add up
 * what the two test runners counted. A step that fails does not hide the ones after it, except when nothing could run
 * without it.
 */
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Later steps cannot run without it. */
  readonly essential?: boolean;
  /** Reads the runner's own totals from its output. */
  readonly count?: (output: string) => Counts;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The failed tests as the runner names them: thousands of lines may stand between a failure and the end. */
  readonly failures: readonly string[];
  /** Tests that passed at the second try only. */
  readonly retried: readonly string[];
}

const number = (output: string, pattern: RegExp): number => Number(output.match(pattern)?.[1] ?? 0);

const lines = (output: string, pattern: RegExp): string[] => [
  ...new Set([...output.matchAll(pattern)].map((match) => match[1]?.replace(/ ─+$/, "").trim() ?? "")),
];

const vitestCounts = (output: string): Counts => {
  const line = output.match(/^\s*Tests\s+(.*)$/m)?.[1] ?? "";
  return {
    passed: number(line, /(\d+) passed/),
    failed: number(line, /(\d+) failed/),
    skipped: number(line, /(\d+) skipped/),
    failures: lines(output, /^ FAIL (.*)$/gm),
    retried: lines(output, /^ RETRIED (.*)$/gm),
  };
};

const playwrightCounts = (output: string): Counts => {
  const flaky = number(output, /^\s*(\d+) flaky/m);
  // Its closing list names those that failed at every try, then those that did so once.
  const listOf = (kind: string): string[] =>
    lines(output.match(new RegExp(`^ {2}\\d+ ${kind}\n(?: {4}.*\n)+`, "m"))?.[0] ?? "", /^ {4}(.*)$/gm);
  return {
    passed: number(output, /^\s*(\d+) passed/m) + flaky,
    failed: number(output, /^\s*(\d+) failed/m),
    skipped: number(output, /^\s*(\d+) skipped/m),
    failures: listOf("failed"),
    retried: listOf("flaky"),
  };
};

const steps: readonly Step[] = [
  { name: "setup", command: ["npm", "run", "--silent", "setup"], essential: true },
  // Its llama-server is an engine elsewhere that tests ask.
  ...(process.platform === "win32"
    ? []
    : [{ name: "llama.cpp's own programs", command: ["npx", "tsx", "native/build.ts", "--bench"] }]),
  { name: "lint (biome)", command: ["npx", "biome", "check", "."] },
  { name: "types (tsc)", command: ["npx", "tsc", "--noEmit"] },
  {
    name: "unit and integration tests (vitest)",
    command: ["npx", "vitest", "run", "--retry=1", "--reporter=default", "--reporter=./test/support/retried.ts"],
    count: vitestCounts,
  },
  { name: "native tests under sanitizers", command: ["npm", "run", "--silent", "test:sanitize", "--", "--quick"] },
  {
    name: "a Chromium for the browser tests",
    command: ["npx", "tsx", "test/support/get-chromium.ts"],
    essential: true,
  },
  {
    name: "browser tests (playwright)",
    command: ["npx", "playwright", "test", "--retries=1"],
    count: playwrightCounts,
  },
];

/** Colour codes would get between a label and its number. */
const plain = (text: string): string => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");

function run(step: Step): Promise<{ readonly ok: boolean; readonly output: string }> {
  const [program = "", ...args] = step.command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    for (const [stream, sink] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
        sink.write(chunk);
      });
    }
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output: plain(output) }));
  });
}

let passed = 0;
let failed = 0;
let skipped = 0;
const failures: string[] = [];
const retried: string[] = [];
for (const step of steps) {
  const started = performance.now();
  console.log(`\n== ${step.name}`);
  const { ok, output } = await run(step);
  const counts = step.count?.(output);
  passed += counts?.passed ?? (ok ? 1 : 0);
  failed += Math.max(counts?.failed ?? 0, ok ? 0 : 1);
  skipped += counts?.skipped ?? 0;
  // A runner that says it is content but ran nothing has not tested anything.
  const ranNothing = ok && counts && counts.passed + counts.failed === 0;
  if (ranNothing) failed += 1;
  failures.push(...(counts?.failures ?? []).map((failure) => `${step.name}: ${failure}`));
  retried.push(...(counts?.retried ?? []).map((name) => `${step.name}: ${name}`));
  if ((!ok || ranNothing) && !counts?.failures.length) failures.push(step.name);
  console.log(`== ${step.name}: ${ok ? "ok" : "FAILED"} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok && step.essential) break;
}
if (retried.length > 0)
  console.log(`\nPassed at the second try only:\n${retried.map((name) => `  ${name}`).join("\n")}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join("\n")}`);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
