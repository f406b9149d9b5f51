import {
  type Backend,
  type BackendChoice,
  type BackendStatus,
  type Device,
  HoloscopeError,
  type Initialised,
  isGpu,
} from "../../contract/index.ts";
import type { LogLevel } from "../log.ts";
import { type FindGpuTypes, findGpuTypes, hasGpuHardware } from "./gpu.ts";

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

/** The outcome of trying a backend. */
type Outcome =
  | { readonly works: true; readonly devices: readonly Device[] }
  | { readonly works: false; readonly reason: string; readonly noDevice: boolean };

interface BackendsConfig {
  readonly log: (level: LogLevel, text: string) => void;
  readonly findGpuTypes: FindGpuTypes;
  readonly hasGpuHardware: () => boolean;
  readonly platform: NodeJS.Platform;
}

const thisMachine = { findGpuTypes, hasGpuHardware, platform: process.platform };

/** Why the engine uses its backend. */
export interface BackendExplanation {
  readonly reason: string;
  /** Set if "auto" chose the CPU although there is a GPU; shown with every run. */
  readonly fallback?: string;
}

/**
 * Which backend to use, and why. "auto" tries the installed ones, best first, and remembers which failed. A backend
 * chosen by name is the only one tried; the CPU never silently replaces it.
 */
export class Backends {
  readonly #config: BackendsConfig;
  readonly #outcomes = new Map<Backend, Outcome>();
  #installed: Promise<readonly Backend[]> | undefined;

  /** What the config lacks is asked of this machine. */
  constructor(config: Pick<BackendsConfig, "log"> & Partial<BackendsConfig>) {
    this.#config = { ...thisMachine, ...config };
  }

  /** The backends to try in this order. Throws BACKEND_UNAVAILABLE for one that cannot exist on this system. */
  async plan(choice: BackendChoice): Promise<readonly Backend[]> {
    if (choice === "auto") {
      const installed = await this.#findInstalled();
      return [...installed.filter((backend) => this.#outcomes.get(backend)?.works !== false), "cpu"];
    }
    if (!backendsOf(this.#config.platform).includes(choice)) {
      throw unavailable(choice, `it does not exist on ${this.#config.platform}`, 'Choose the backend "auto" or "cpu".');
    }
    return [choice];
  }

  /** Records that an engine started. Throws BACKEND_UNAVAILABLE if a GPU backend came up without a GPU. */
  accept(backend: Backend, { devices }: Initialised): void {
    if (backend !== "cpu" && !devices.some(isGpu)) {
      throw unavailable(backend, noDeviceReason);
    }
    this.#outcomes.set(backend, { works: true, devices });
  }

  /** Records why a backend failed. Returns the error for a caller who chose it by name. */
  reject(backend: Backend, error: HoloscopeError): HoloscopeError {
    const noDevice = error.code === "BACKEND_UNAVAILABLE";
    const oldDriver = cudaDriverTooOld.exec(error.message.slice(0, 2000))?.[0];
    const reason = noDevice
      ? noDeviceReason
      : oldDriver === undefined
        ? withoutStop(error.message)
        : `the NVIDIA driver is too old to run this build on this GPU ("${withoutStop(oldDriver)}")`;
    this.#outcomes.set(backend, { works: false, reason, noDevice });
    this.#config.log("warn", `Backend ${backend} cannot be used: ${reason}`);
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
    const gpuWasted = this.#config.hasGpuHardware() || failed.some(({ noDevice }) => !noDevice);
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
    return backendsOf(this.#config.platform).map((backend) => this.#status(backend, installed));
  }

  #status(backend: Backend, installed: readonly Backend[]): BackendStatus {
    const outcome = this.#outcomes.get(backend);
    if (outcome?.works === false) return { backend, available: false, reason: sentence(outcome.reason) };
    const devices = outcome && { devices: [...outcome.devices] };
    if (backend === "cpu") return { backend, available: true, reason: "Works on every machine.", ...devices };
    if (outcome !== undefined) {
      const reason = `Works with ${outcome.devices.filter(isGpu).map(label).join(", ")}.`;
      return { backend, available: true, reason, ...devices };
    }
    return installed.includes(backend)
      ? { backend, available: true, reason: "Its driver is installed; it was not tried yet." }
      : { backend, available: false, reason: `No driver for ${names[backend]} was found on this machine.` };
  }

  /** Installed GPU backends, best first; found once. */
  #findInstalled(): Promise<readonly Backend[]> {
    this.#installed ??= this.#config.findGpuTypes().then(
      (found) => found.filter((backend) => backendsOf(this.#config.platform).includes(backend)),
      (error: unknown) => {
        this.#config.log("error", `Looking for GPU backends failed: ${String(error)}`);
        return [];
      },
    );
    return this.#installed;
  }
}

/**
 * CUDA's message when the driver cannot run any kernel of the build. The prebuilt library has machine code for some
 * GPUs only; for others (A100, H100, T4, ...) the driver has to compile it, and refuses code made by a newer CUDA
 * release.
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
