import path from "node:path";
import { type DoctorReport, type DoctorTryReport, defined } from "../contract/index.ts";
import { writeOutputFile } from "../host/disk/atomic.ts";
import type { Host } from "../host/types.ts";
import { chooseModel } from "./choose-model.ts";
import { type DoctorOptions, parseDoctorOptions, type RawDoctorOptions, type TryOptions } from "./doctor-options.ts";
import { doctorText } from "./doctor-report.ts";
import { type Environment, withInterruptibleHost } from "./environment.ts";
import { exitCodes } from "./errors.ts";
import { LiveLine, oneLine } from "./terminal.ts";
import { tryMarkdown, tryText } from "./try-table.ts";

/** The id for cancelling this process's only examination. */
const taskId = "cli";

/** Examines, measures remedies or writes diagnostics, as the options say. Resolves with the exit code. */
export async function doctor(environment: Environment, raw: RawDoctorOptions): Promise<number> {
  const options = parseDoctorOptions(raw);
  return withInterruptibleHost(environment, async (host, interrupted) => {
    interrupted.addEventListener("abort", () => void host.call("doctor.cancel", { id: taskId }).catch(() => {}));
    const line = new LiveLine(environment.terminal);
    const stopSteps = host.on("doctor.progress", ({ step, fraction }) => {
      const share = fraction === undefined ? "" : `${Math.round(100 * fraction)} %  `;
      line.show(`${share}${oneLine(step)}`);
    });
    try {
      await work(environment, host, options, () => line.clear());
      return exitCodes.done;
    } catch (error) {
      if (interrupted.aborted) return exitCodes.interrupted;
      throw error;
    } finally {
      stopSteps();
      line.clear();
    }
  });
}

async function work(environment: Environment, host: Host, options: DoctorOptions, clear: () => void): Promise<void> {
  const modelId = await chooseModel(host, options.model);
  if (options.try !== undefined) {
    const report = await measure(host, options, options.try, modelId);
    clear();
    environment.terminal.out(tryOutput(environment, options, options.try, report));
    return;
  }
  const report = await examine(host, options, modelId);
  clear();
  if (options.bundle) {
    const { text, fileName } = await host.call("diagnostics.bundle", {
      includePaths: options.includePaths,
      includeImageNames: options.includeImageNames,
    });
    await deliver(environment, options.output ?? "-", text, fileName);
    return;
  }
  const { terminal } = environment;
  terminal.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : doctorText(terminal, report));
}

async function examine(host: Host, options: DoctorOptions, modelId: string | undefined): Promise<DoctorReport> {
  const file = options.image;
  const image = file === undefined ? undefined : await host.call("images.addPath", { path: path.resolve(file) });
  return host.call("doctor.run", {
    id: taskId,
    depth: options.depth,
    ...defined({ modelId, backend: options.backend, imageId: image?.id }),
  });
}

async function measure(
  host: Host,
  options: DoctorOptions,
  tried: TryOptions,
  modelId: string | undefined,
): Promise<DoctorTryReport> {
  const image = await host.call("images.addPath", { path: path.resolve(tried.image) });
  return host.call("doctor.try", {
    id: taskId,
    imageId: image.id,
    remedies: tried.remedies,
    repeats: tried.repeats,
    overrides: tried.overrides,
    ...defined({ modelId, backend: options.backend, profile: tried.profile, target: tried.target }),
  });
}

function tryOutput(
  { terminal }: Environment,
  { json }: DoctorOptions,
  { markdown }: TryOptions,
  report: DoctorTryReport,
): string {
  if (json) return `${JSON.stringify(report, null, 2)}\n`;
  return markdown ? tryMarkdown(report) : tryText(terminal, report);
}

/** "-" means standard output; in a folder the file gets its own name. */
async function deliver({ terminal }: Environment, output: string, text: string, name: string): Promise<void> {
  if (output === "-") {
    terminal.out(text);
    return;
  }
  const file = /[\\/]$/.test(output) ? path.join(output, name) : output;
  await writeOutputFile(path.resolve(file), text, `the diagnostics ${file}`);
  terminal.out(`diagnostics: ${file}\n`);
}
