import path from "node:path";
import type { DoctorReport, DoctorTryReport } from "../contract/index.ts";
import { writeFileAtomic } from "../host/atomic-file.ts";
import type { Host } from "../host/types.ts";
import { chooseModel } from "./choose-model.ts";
import { type DoctorOptions, parseDoctorOptions, type RawDoctorOptions, type TryOptions } from "./doctor-options.ts";
import { doctorText } from "./doctor-report.ts";
import type { Environment } from "./environment.ts";
import { exitCodes } from "./errors.ts";
import { StepLine } from "./step-line.ts";
import { tryMarkdown, tryText } from "./try-table.ts";

/** The id under which this process's one examination can be cancelled. */
const taskId = "cli";

/** Examines, measures remedies or writes diagnostics, as the options say. Resolves with the exit code. */
export async function doctor(environment: Environment, raw: RawDoctorOptions): Promise<number> {
  const options = parseDoctorOptions(raw);
  let interrupted = false;
  let host: Host | undefined;
  const stopListening = environment.onInterrupt(() => {
    interrupted = true;
    host?.call("doctor.cancel", { id: taskId }).catch(() => {});
  });
  const opened = await environment.openHost("desktop");
  host = opened;
  const steps = new StepLine(environment.terminal, opened);
  try {
    await work(environment, opened, options, () => steps.clear());
    return exitCodes.done;
  } catch (error) {
    if (interrupted) return exitCodes.interrupted;
    throw error;
  } finally {
    steps.end();
    await opened.close();
    stopListening();
  }
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
  if (options.kind === "bundle") {
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
  const image =
    options.image === undefined ? undefined : await host.call("images.addPath", { path: path.resolve(options.image) });
  return host.call("doctor.run", {
    id: taskId,
    depth: options.depth,
    ...(modelId === undefined ? {} : { modelId }),
    ...(options.backend === undefined ? {} : { backend: options.backend }),
    ...(image === undefined ? {} : { imageId: image.id }),
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
    remedies: [...tried.remedies],
    repeats: tried.repeats,
    overrides: tried.overrides,
    ...(modelId === undefined ? {} : { modelId }),
    ...(options.backend === undefined ? {} : { backend: options.backend }),
    ...(tried.profile === undefined ? {} : { profile: tried.profile }),
    ...(tried.target === undefined ? {} : { target: tried.target }),
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

/** "-" is standard output; a folder takes the file under its own name. */
async function deliver({ terminal }: Environment, output: string, text: string, name: string): Promise<void> {
  if (output === "-") {
    terminal.out(text);
    return;
  }
  const file = /[\\/]$/.test(output) ? path.join(output, name) : output;
  await writeFileAtomic(path.resolve(file), text, `the diagnostics ${file}`);
  terminal.out(`diagnostics: ${file}\n`);
}
