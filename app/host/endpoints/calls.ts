import { defined, type Endpoint, type EndpointEntry, localEngineId, type ParsedParams } from "../../contract/index.ts";
import type { SettingsStore } from "../settings.ts";
import { checkEncryption, type ElsewhereEngine } from "./elsewhere.ts";
import type { KeyStore } from "./keys.ts";
import type { EndpointStore } from "./store.ts";

interface EndpointCallsConfig {
  readonly endpoints: EndpointStore;
  readonly keys: KeyStore;
  readonly elsewhere: ElsewhereEngine;
  readonly settings: SettingsStore;
}

/** How long a server that is added may take to tell its kind, ms. */
const recogniseMs = 30_000;

/** The contract's methods on engines elsewhere. */
export class EndpointCalls {
  readonly #parts: EndpointCallsConfig;

  constructor(parts: EndpointCallsConfig) {
    this.#parts = parts;
  }

  async list(): Promise<EndpointEntry[]> {
    return Promise.all((await this.#parts.endpoints.list()).map((endpoint) => this.#entry(endpoint)));
  }

  /** Throws ENDPOINT_UNENCRYPTED, and what hinders to ask the server where its kind is not given. */
  async add({ key, name, kind, ...given }: ParsedParams<"endpoints.add">): Promise<EndpointEntry> {
    const { endpoints, elsewhere, keys } = this.#parts;
    checkEncryption(given);
    const found = kind ?? (await elsewhere.probe(given, key, AbortSignal.timeout(recogniseMs))).kind;
    const endpoint = await endpoints.add({ ...given, name: name ?? new URL(given.url).host, kind: found });
    if (key !== undefined) await keys.set(endpoint.id, key);
    return this.#entry(endpoint);
  }

  async update({ id, key, ...patch }: ParsedParams<"endpoints.update">): Promise<EndpointEntry> {
    const { endpoints, elsewhere, keys } = this.#parts;
    const endpoint = await endpoints.update(id, ({ model, preset, slots, ...rest }) => ({
      ...rest,
      ...defined({ name: patch.name, sendUnencrypted: patch.sendUnencrypted }),
      ...defined({
        model: changed(model, patch.model),
        preset: changed(preset, patch.preset),
        slots: changed(slots, patch.slots),
      }),
    }));
    if (key !== undefined) await keys.set(id, key ?? undefined);
    elsewhere.forget(id);
    return this.#entry(endpoint);
  }

  /** Forgets the engine with its key; runs that it made stay. */
  async remove(id: string): Promise<boolean> {
    const { endpoints, elsewhere, keys, settings } = this.#parts;
    const removed = await endpoints.remove(id);
    await keys.set(id, undefined);
    elsewhere.forget(id);
    if (settings.current.engines.includes(id)) {
      const left = settings.current.engines.filter((each) => each !== id);
      await settings.update({ engines: left.length === 0 ? [localEngineId] : left });
    }
    return removed;
  }

  async #entry(endpoint: Endpoint): Promise<EndpointEntry> {
    return { endpoint, hasKey: (await this.#parts.keys.get(endpoint.id)) !== undefined };
  }
}

/** null forgets, undefined leaves as it is. */
function changed<T>(present: T | undefined, next: T | null | undefined): T | undefined {
  return next === undefined ? present : (next ?? undefined);
}
