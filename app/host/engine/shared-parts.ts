import type { EventHub } from "../events.ts";
import type { ImageStore } from "../images/store.ts";
import type { Log } from "../log.ts";
import type { ModelRegistry } from "../models/registry.ts";
import type { Pool } from "../pool/pool.ts";
import type { RunStore } from "../runs/store.ts";
import type { SettingsStore } from "../settings.ts";
import type { HostTimings } from "./timings.ts";
import type { EngineParts } from "./work.ts";

/** The parts that every kind of work with the engine needs: detections, loading, the doctor. */
export interface SharedParts extends EngineParts {
  readonly timings: HostTimings;
  /** What detects, loads and examines takes its turn here. */
  readonly pool: Pool;
  readonly events: EventHub;
  readonly settings: SettingsStore;
  readonly images: ImageStore;
  readonly models: ModelRegistry;
  readonly runs: RunStore;
  readonly log: Log;
  readonly appVersion: string;
}
