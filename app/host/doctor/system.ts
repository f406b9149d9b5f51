import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defined } from "../../contract/index.ts";

/** An NVIDIA GPU as its driver's tool describes it. */
interface NvidiaGpu {
  readonly name: string;
  readonly driverVersion: string;
  readonly memoryMiB: number;
  readonly computeCapability: string;
}

interface NvidiaDriver {
  readonly gpus: readonly NvidiaGpu[];
  /** The newest CUDA release that the driver understands, such as "13.0". */
  readonly cudaVersion?: string;
}

/** What the operating system reports; unknown facts are absent. */
export interface SystemFacts {
  /** Absent where nvidia-smi is missing or fails. */
  readonly nvidia?: NvidiaDriver;
  /** Whether the machine runs on its battery. */
  readonly onBattery?: boolean;
  /** Share of all processors' time that other programs used while Holoscope was idle, 0..1. */
  readonly busyShare: number;
}

export type ReadSystem = () => Promise<SystemFacts>;

const commandTimeoutMs = 5000;
const busySampleMs = 500;

/** Asks the system. Never rejects; takes about half a second. */
export const readSystem: ReadSystem = async () => {
  const [nvidia, onBattery, busyShare] = await Promise.all([readNvidia(), readBattery(), measureBusyShare()]);
  return {
    ...defined({ nvidia, onBattery }),
    busyShare,
  };
};

async function readNvidia(): Promise<NvidiaDriver | undefined> {
  const query = ["--query-gpu=name,driver_version,memory.total,compute_cap", "--format=csv,noheader,nounits"];
  const [table, plain] = await Promise.all([output("nvidia-smi", query), output("nvidia-smi", [])]);
  return table === undefined ? undefined : parseNvidia(table, plain ?? "");
}

/** @param table CSV without header: name, driver, MiB, compute capability. @param plain nvidia-smi's own page */
export function parseNvidia(table: string, plain: string): NvidiaDriver | undefined {
  const gpus = table.split("\n").flatMap((line) => {
    const [name, driverVersion, memory, computeCapability] = line.split(",").map((field) => field.trim());
    if (!name || !driverVersion || !computeCapability) return [];
    return [{ name, driverVersion, memoryMiB: Number(memory), computeCapability }];
  });
  if (gpus.length === 0) return undefined;
  const cudaVersion = /CUDA Version:\s*(\d+\.\d+)/.exec(plain)?.[1];
  return { gpus, ...defined({ cudaVersion }) };
}

async function readBattery(): Promise<boolean | undefined> {
  if (process.platform === "darwin") {
    const text = await output("pmset", ["-g", "batt"]);
    return text === undefined ? undefined : /drawing from 'Battery Power'/.test(text);
  }
  return process.platform === "linux" ? readLinuxBattery("/sys/class/power_supply") : undefined;
}

/** Linux: a supply of type "Mains" or "USB" that is online means no; a battery that discharges, yes. */
export async function readLinuxBattery(folder: string): Promise<boolean | undefined> {
  const names = await readdir(folder).catch(() => []);
  const read = async (name: string, file: string): Promise<string> =>
    (await readFile(path.join(folder, name, file), "utf8").catch(() => "")).trim();
  const supplies = await Promise.all(
    names.map(async (name) => ({
      type: await read(name, "type"),
      online: await read(name, "online"),
      status: await read(name, "status"),
    })),
  );
  if (supplies.some(({ type, online }) => (type === "Mains" || type === "USB") && online === "1")) return false;
  const batteries = supplies.filter(({ type }) => type === "Battery");
  return batteries.length === 0 ? undefined : batteries.some(({ status }) => status === "Discharging");
}

async function measureBusyShare(): Promise<number> {
  const begin = processorTimes();
  await sleep(busySampleMs);
  const end = processorTimes();
  const all = end.all - begin.all;
  return all > 0 ? Math.min(1, Math.max(0, 1 - (end.idle - begin.idle) / all)) : 0;
}

function processorTimes(): { readonly idle: number; readonly all: number } {
  const times = os.cpus().map(({ times }) => times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  return { idle, all: times.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.irq, idle) };
}

/** A program's output; undefined if the program is missing, fails or takes too long. */
function output(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: commandTimeoutMs, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
  });
}
