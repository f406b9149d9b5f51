import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import {
  type ConversionReport,
  type ConversionTarget,
  defined,
  HoloscopeError,
  type PullRequest,
  type RemoteFile,
  type RemoteListing,
} from "../../../contract/index.ts";
import { splitNameOf } from "../../../gguf/split-name.ts";
import { abortable } from "../../abortable.ts";
import { storageError } from "../../disk/storage-error.ts";
import { Serial } from "../../serial.ts";
import { convertGguf } from "../conversion/convert.ts";
import type { HubEnvironment } from "../hub/hub-access.ts";
import { HubClient, type HubTimings } from "../hub/hub-client.ts";
import { listRepository } from "../hub/listing.ts";
import { parseReference } from "../hub/reference.ts";
import { type DeviceTypes, orderMmprojs } from "../mmproj-choice.ts";
import type { ModelRegistry } from "../registry.ts";
import { estimateFit, type MachineMemory } from "./fit.ts";
import { type ImportRequest, importModel } from "./import.ts";
import type { JobBoard, JobReporter, JobResult } from "./jobs.ts";
import type { ModelFolder } from "./model-folder.ts";
import { pullModel } from "./pull.ts";

interface ModelFilesConfig {
  readonly models: ModelRegistry;
  readonly folder: ModelFolder;
  readonly jobs: JobBoard;
  readonly memory: () => Promise<MachineMemory>;
  readonly deviceTypes: () => Promise<DeviceTypes>;
  readonly hubTimings: HubTimings;
  readonly env: HubEnvironment;
}

/** Downloads, copies and repairs model files, each as a job that continues after the call has returned. */
export class ModelFiles {
  readonly #config: ModelFilesConfig;
  /** One download at a time gets the whole bandwidth, one copy at a time the whole disk. */
  readonly #line = new Serial();
  readonly #disk = new Serial();
  readonly #closed = new AbortController();

  constructor(config: ModelFilesConfig) {
    this.#config = config;
  }

  /** Throws BAD_REQUEST, HUB_OFFLINE, HUB_NOT_FOUND, HUB_DENIED, HUB_FAILED. */
  async list(reference: string): Promise<RemoteListing> {
    const { deviceTypes, memory } = this.#config;
    const listing = await listRepository(this.#client(), parseReference(reference), this.#closed.signal);
    const machine = await memory();
    const models: RemoteFile[] = [];
    for (const model of listing.models) {
      const [mmproj] = await orderMmprojs(listing.mmprojs, model.path, deviceTypes);
      const fit = estimateFit(model.bytes + (mmproj?.bytes ?? 0), undefined, machine);
      models.push({ ...model, fit, ...defined({ mmproj: mmproj?.path }) });
    }
    const mmprojs = await orderMmprojs(listing.mmprojs, listing.suggestedModel, deviceTypes);
    return { ...listing, models, mmprojs, ...defined({ suggestedMmproj: mmprojs[0]?.path }) };
  }

  /** Throws BAD_REQUEST and HUB_OFFLINE at once; other errors end the job. */
  pull(request: PullRequest): string {
    const { jobs, models, folder, deviceTypes } = this.#config;
    const client = this.#client();
    const { repository } = parseReference(request.reference);
    const key = JSON.stringify([repository, request.model, request.mmproj]);
    return jobs.start("pull", key, `${repository}: ${path.posix.basename(request.model)}`, (reporter) =>
      inTurn(this.#line, reporter, async () => ({
        entry: await pullModel({ client, request, folder, models, deviceTypes, reporter }),
      })),
    );
  }

  import(request: ImportRequest): string {
    const { jobs, models, folder } = this.#config;
    const title = path.basename(request.modelPath);
    return jobs.start("import", path.resolve(request.modelPath), title, (reporter) =>
      inTurn(this.#disk, reporter, async () => ({ entry: await importModel(request, { folder, models, reporter }) })),
    );
  }

  convert(request: { readonly input: string; readonly output: string; readonly to: ConversionTarget }): string {
    const [input, output] = [path.resolve(request.input), path.resolve(request.output)];
    return this.#config.jobs.start("convert", output, path.basename(input), (reporter) =>
      inTurn(this.#disk, reporter, async () => ({ conversion: await convert(input, output, request.to, reporter) })),
    );
  }

  /** Throws MODEL_NOT_FOUND at once; other errors end the job. */
  async repair(request: { readonly id: string; readonly file: "model" | "mmproj"; readonly to: ConversionTarget }) {
    const { jobs, models, folder } = this.#config;
    const { id, file: which, to } = request;
    const entry = await models.get(id);
    const input = which === "model" ? entry.modelPath : entry.mmprojPath;
    const work = async (reporter: JobReporter): Promise<JobResult> => {
      const home = path.join(folder.path, `converted--${id}`);
      await mkdir(home, { recursive: true }).catch((error: unknown) => {
        throw storageError(error, "make the folder of the converted file");
      });
      const output = await freeName(home, input, to);
      const conversion = await convert(input, output, to, reporter);
      const pair = { modelPath: entry.modelPath, mmprojPath: entry.mmprojPath, [`${which}Path`]: output };
      return { conversion, entry: await models.add({ ...pair, name: `${entry.name} (${which} ${to})` }) };
    };
    return jobs.start("convert", `${id} ${which} ${to}`, `${entry.name}: ${path.basename(input)}`, (reporter) =>
      inTurn(this.#disk, reporter, () => work(reporter)),
    );
  }

  close(): void {
    this.#closed.abort();
  }

  #client(): HubClient {
    return new HubClient({ timings: this.#config.hubTimings, env: this.#config.env });
  }
}

/** Waits until the jobs before it have ended, or it is cancelled itself. */
function inTurn(serial: Serial, reporter: JobReporter, work: () => Promise<JobResult>): Promise<JobResult> {
  let begun = false;
  const turn = serial.run(async () => {
    if (reporter.signal.aborted) return {};
    begun = true;
    return work();
  });
  setImmediate(() => {
    if (!begun) reporter.step({ state: "waiting", bytesTotal: 0 });
  });
  // Once running, it ends by itself when cancelled, after cleaning up.
  const started = abortable(reporter.signal, turn);
  return started.catch((error: unknown) => (begun ? turn : Promise.reject(error)));
}

async function convert(
  input: string,
  output: string,
  to: ConversionTarget,
  reporter: JobReporter,
): Promise<ConversionReport> {
  if ((splitNameOf(input)?.count ?? 1) > 1) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `"${path.basename(input)}" is a part of a split model, which is converted as a whole or not at all.`,
      "Join the parts first with llama-gguf-split --merge.",
    );
  }
  const report = await convertGguf({
    input,
    output,
    to,
    signal: reporter.signal,
    onStep: (state, bytesTotal) => reporter.step({ state, file: path.basename(output), bytesTotal }),
    onProgress: (bytes) => reporter.progress(bytes),
  });
  const lost = report.overflows.reduce((sum, { values }) => sum + values, 0);
  if (lost > 0) {
    reporter.note(
      `${lost} values in ${report.overflows.length} tensors are beyond what f16 can hold (65504) and became infinite: convert to f32 instead.`,
    );
  }
  return report;
}

/** An unused file name in `home`. */
async function freeName(home: string, input: string, to: ConversionTarget): Promise<string> {
  for (let number = 1; ; number++) {
    const file = path.join(home, convertedName(input, to, number));
    const taken = await stat(file).then(
      () => true,
      () => false,
    );
    if (!taken) return file;
  }
}

/** "mmproj-x-bf16.gguf" becomes "mmproj-x-f16.gguf"; a name without "bf16" gets the type appended. */
export function convertedName(file: string, to: ConversionTarget, number = 1): string {
  const stem = path.basename(file).replace(/\.gguf$/i, "");
  const renamed = stem.replace(/(?<![a-z0-9])bf16(?![a-z0-9])/i, to);
  const name = renamed === stem ? `${stem}-${to}` : renamed;
  return `${name}${number === 1 ? "" : `-${number}`}.gguf`;
}
