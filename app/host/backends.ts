import type { BackendStatus } from "../contract/api.ts";
import type { Initialised } from "../contract/engine.ts";
import { HoloscopeError } from "../contract/errors.ts";
import type { Backend, BackendChoice, Device } from "../contract/model.ts";
import { hasGpuHardware } from "./gpu-hardware.ts";
import { type FindGpuTypes, findGpuTypes } from "./gpu-types.ts";
import type { LogLevel } from "./log.ts";

const names: Readonly<Record<Backend, string>> = { cuda: "CUDA", metal: "Metal", vulkan: "Vulkan", cpu: "CPU" };

const hints: Readonly<Record<Backend, string>> = {
  cuda: 'Install the NVIDIA driver and check it with nvidia-smi, or choose the backend "auto" or "cpu".',
  metal: 'Choose the backend "auto" or "cpu".',
  vulkan: 'Install a Vulkan driver for the graphics card, or choose the backend "auto" or "cpu".',
  cpu: "Install Holoscope again; from source, run: npm run build:native",
};

/** Backends that can exist on a platform, best first. */
export function backendsOf(platform: NodeJS.Platform): readonly Backend[] {
  return platform === "darwin" ? ["metal", "cpu"] : ["cuda", "vulkan", "cpu"];
}

/** What became of trying a backend. */
type Outcome =
  | { readonly works: true; readonly devices: readonly Device[] }
  | { readonly works: false; readonly reason: string; readonly noDevice: boolean };

export interface BackendsConfig {
  readonly log: (level: LogLevel, text: string) => void;
  readonly findGpuTypes?: FindGpuTypes;
  readonly hasGpuHardware?: () => boolean;
  readonly platform?: NodeJS.Platform;
}

/** Why the engine runs where it runs. */
export interface BackendExplanation {
  readonly reason: string;
  /** Set when "auto" took the CPU although there is a GPU: to be shown with every run. */
  readonly fallback?: string;
}

/**
 * Which backend to use, and why. "auto" goes through the installed ones, best first, and remembers what failed; a
 * backend chosen by name is the only one tried: never silently the CPU.
 */
export class Backends {
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #find: FindGpuTypes;
  readonly #hasGpuHardware: () => boolean;
  readonly #platform: NodeJS.Platform;
  readonly #outcomes = new Map<Backend, Outcome>();
  #installed: Promise<readonly Backend[]> | undefined;

  constructor(config: BackendsConfig) {
    this.#log = config.log;
    this.#find = config.findGpuTypes ?? findGpuTypes;
    this.#hasGpuHardware = config.hasGpuHardware ?? hasGpuHardware;
    this.#platform = config.platform ?? process.platform;
  }

  /** The backends to try in this order. Throws BACKEND_UNAVAILABLE for one that cannot exist on this system. */
  async plan(choice: BackendChoice): Promise<readonly Backend[]> {
    if (choice === "auto") {
      const installed = await this.#findInstalled();
      return [...installed.filter((backend) => this.#outcomes.get(backend)?.works !== false), "cpu"];
    }
    if (!backendsOf(this.#platform).includes(choice)) {
      throw unavailable(choice, `it does not exist on ${this.#platform}`, 'Choose the backend "auto" or "cpu".');
    }
    return [choice];
  }

  /** Notes that an engine initialised. Throws BACKEND_UNAVAILABLE if a GPU backend came up without a GPU. */
  accept(backend: Backend, { devices }: Initialised): void {
    if (backend !== "cpu" && !devices.some(({ type }) => type === "gpu" || type === "igpu")) {
      throw unavailable(backend, noDeviceReason);
    }
    this.#outcomes.set(backend, { works: true, devices });
  }

  /** Notes why a backend failed. Answers with what the caller of an explicit choice is told. */
  reject(backend: Backend, error: HoloscopeError): HoloscopeError {
    const noDevice = error.code === "BACKEND_UNAVAILABLE";
    const oldDriver = cudaDriverTooOld.exec(error.message)?.[0];
    const reason = noDevice
      ? noDeviceReason
      : oldDriver === undefined
        ? withoutStop(error.message)
        : `the NVIDIA driver is too old to run this build on this GPU ("${withoutStop(oldDriver)}")`;
    this.#outcomes.set(backend, { works: false, reason, noDevice });
    this.#log("warn", `Backend ${backend} cannot be used: ${reason}`);
    if (backend === "cpu" || noDevice) return error;
    const hint = oldDriver !== undefined ? oldDriverHint : error.code === "NATIVE_MISSING" ? error.hint : undefined;
    return unavailable(backend, reason, hint, error.detail);
  }

  /** Why `backend` is used for `choice`. */
  async explain(choice: BackendChoice, backend: Backend): Promise<BackendExplanation> {
    if (choice !== "auto") return { reason: `${names[backend]} was chosen.` };
    if (backend !== "cpu") return { reason: `${names[backend]} is the best that works on this machine.` };
    const failed = (await this.#findInstalled()).flatMap((tried) => {
      const outcome = this.#outcomes.get(tried);
      return outcome?.works === false ? [{ tried, ...outcome }] : [];
    });
    const why = failed.map(({ tried, reason }) => `${names[tried]}: ${reason}`).join("; ");
    const gpuWasted = this.#hasGpuHardware() || failed.some(({ noDevice }) => !noDevice);
    if (!gpuWasted) return { reason: `No usable GPU was found, so the CPU is used${why ? ` (${why})` : ""}.` };
    const reason = why || "no GPU driver that llama.cpp can use is installed";
    return {
      reason: `The CPU is used although there is a GPU (${reason}).`,
      fallback: `The GPU is not used (${reason}).`,
    };
  }

  /** Every backend of this platform with what is known about it. Backends that were never tried are tried with `attempt`. */
  async list(attempt: (backend: Backend) => Promise<unknown>): Promise<BackendStatus[]> {
    const installed = await this.#findInstalled();
    for (const backend of installed) if (!this.#outcomes.has(backend)) await attempt(backend).catch(() => {});
    return this.known();
  }

  /** What is known by now, without trying anything. */
  async known(): Promise<BackendStatus[]> {
    const installed = await this.#findInstalled();
    return backendsOf(this.#platform).map((backend) => this.#status(backend, installed));
  }

  #status(backend: Backend, installed: readonly Backend[]): BackendStatus {
    const outcome = this.#outcomes.get(backend);
    if (outcome?.works === false) return { backend, available: false, reason: sentence(outcome.reason) };
    if (outcome !== undefined) {
      const gpus = outcome.devices.filter(({ type }) => type === "gpu" || type === "igpu");
      const reason = backend === "cpu" ? "Works on every machine." : `Works with ${gpus.map(label).join(", ")}.`;
      return { backend, available: true, reason, devices: [...outcome.devices] };
    }
    if (backend === "cpu") return { backend, available: true, reason: "Works on every machine." };
    if (!installed.includes(backend)) {
      return { backend, available: false, reason: `No driver for ${names[backend]} was found on this machine.` };
    }
    return { backend, available: true, reason: "Its driver is installed; it was not tried yet." };
  }

  /** Installed GPU backends, best first; found once. */
  #findInstalled(): Promise<readonly Backend[]> {
    this.#installed ??= this.#find().then(
      (found) => found.filter((backend) => backendsOf(this.#platform).includes(backend)),
      (error: unknown) => {
        this.#log("error", `Looking for GPU backends failed: ${String(error)}`);
        return [];
      },
    );
    return this.#installed;
  }
}

/**
 * What CUDA says when the driver cannot run any of the build's kernels. The prebuilt library has machine code for some
 * GPUs only; for the others (A100, H100, T4, ...) the driver compiles it, and refuses what a newer CUDA release wrote.
 */
const cudaDriverTooOld =
  /CUDA error: .*(unsupported toolchain|no kernel image is available|driver version is insufficient).*/;
const oldDriverHint = 'Update the NVIDIA driver, or choose the backend "auto", "vulkan" or "cpu".';
const noDeviceReason = "no GPU that it can use was found";

function unavailable(backend: Backend, reason: string, hint = hints[backend], detail?: string): HoloscopeError {
  return new HoloscopeError("BACKEND_UNAVAILABLE", `${names[backend]} cannot be used: ${reason}.`, hint, detail);
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, "");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function label({ description, name }: Device): string {
  return description || name;
}
