import type { TryRow } from "../../contract/index.ts";
import type { Backends } from "../engine/backends.ts";
import type { SharedParts } from "../engine/shared-parts.ts";
import type { RunningEngine } from "../engine/supervisor.ts";
import { describeMachine } from "../machine.ts";
import type { ProgramSpawner } from "../types.ts";
import { type BackendLookups, systemLookups } from "./backend-verdicts.ts";
import { type ReadSystem, readSystem } from "./system.ts";

/** What the doctor asks of the operating system and installed packages. Tests replace it. */
export interface DoctorSurroundings {
  readonly readSystem: ReadSystem;
  readonly lookups: BackendLookups;
}

export const realSurroundings: DoctorSurroundings = { readSystem, lookups: systemLookups };

/** What the doctor needs of the host. */
export interface DoctorParts extends SharedParts, DoctorSurroundings {
  readonly spawnProgram: ProgramSpawner;
  readonly backends: Backends;
}

/** Work of the doctor in its turn of the queue. */
export interface DoctorTask<Request> {
  readonly parts: DoctorParts;
  readonly request: Request;
  readonly signal: AbortSignal;
  /** Tells of progress; `fraction` 0..1. */
  readonly onStep: (step: string, fraction: number, row?: TryRow) => void;
}

/** The head of each kind of report. */
export function reportHead({ appVersion, settings }: DoctorParts, engine: RunningEngine | undefined) {
  return {
    version: 1,
    createdAt: new Date().toISOString(),
    app: { version: appVersion, node: process.versions.node },
    machine: describeMachine(settings.current.machineName, engine?.info.physicalCores),
  } as const;
}
