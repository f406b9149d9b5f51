import { type Endpoint, localEngineId } from "../../contract/index.ts";
import type { PoolEngine } from "../pool/places.ts";
import type { ElsewhereEngine } from "./elsewhere.ts";

/** The engine of this machine does one thing at a time. */
export const localEngine: PoolEngine = { id: localEngineId, limit: 1 };

/**
 * The engines that the pool has: this machine's and those elsewhere. A server takes as many requests at once as the user
 * says, else as it tells itself, which is known after the first.
 */
export function poolEngines(endpoints: readonly Endpoint[], elsewhere: ElsewhereEngine): PoolEngine[] {
  const others = endpoints.map((endpoint) => ({
    id: endpoint.id,
    get limit() {
      return endpoint.slots ?? elsewhere.told(endpoint.id)?.slots ?? 1;
    },
    probe: async (signal: AbortSignal) => {
      // It may have come back with another model.
      elsewhere.forget(endpoint.id);
      await elsewhere.known(endpoint, signal);
    },
  }));
  return [localEngine, ...others];
}
