import { spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { writeSparseBf16 } from "./gguf/sparse-bf16.ts";
import { repositoryRoot } from "./repository.ts";

export interface ConversionCost {
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly seconds: number;
  /** The most memory that the process held at once, shared libraries included. */
  readonly peakResidentBytes: number;
  readonly out: string;
}

/** Tells its peak memory on stderr when it ends. */
const meter = `process.on("exit", () => console.error("peak-kib " + process.resourceUsage().maxRSS))`;

/**
 * Converts a synthetic file of about `bytes` with the built command line in a process of its own, and measures it.
 * Takes as much room on the temporary disk; leaves nothing there.
 */
export async function measureConversion(bytes: number, to: "f16" | "f32"): Promise<ConversionCost> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-convert-"));
  try {
    const [input, output] = [path.join(folder, "in-bf16.gguf"), path.join(folder, "out.gguf")];
    await writeSparseBf16(input, bytes);
    const started = performance.now();
    const { code, out, err } = await run(folder, ["models", "convert", input, output, "--bf16-to", to]);
    const seconds = (performance.now() - started) / 1000;
    if (code !== 0) throw new Error(`the conversion ended with ${code}: ${err}`);
    const peak = /^peak-kib (\d+)$/m.exec(err)?.[1];
    return {
      inputBytes: (await stat(input)).size,
      outputBytes: (await stat(output)).size,
      seconds,
      peakResidentBytes: Number(peak) * 1024,
      out,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(folder: string, args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = path.join(repositoryRoot, "dist/main/cli.js");
  const hook = `data:text/javascript,${encodeURIComponent(meter)}`;
  const child = spawn(process.execPath, ["--import", hook, program, ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, HOLOSCOPE_DATA: path.join(folder, "data") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}
