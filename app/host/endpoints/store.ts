import path from "node:path";
import { z } from "zod";
import { type Endpoint, endpointSchema, HoloscopeError, localEngineId } from "../../contract/index.ts";
import type { AtomicWriter } from "../disk/atomic.ts";
import { SharedFile } from "../disk/shared-file.ts";
import type { Log } from "../log.ts";
import { uniqueModelId } from "../models/model-id.ts";

interface EndpointStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly onChange: () => void;
  readonly writeFile?: AtomicWriter;
}

const storedSchema = z.object({ version: z.literal(1), endpoints: z.array(z.unknown()) });

/** The engines elsewhere that the user added, in endpoints.json. */
export class EndpointStore {
  readonly #file: SharedFile<readonly Endpoint[]>;
  readonly #onChange: () => void;

  private constructor(file: SharedFile<readonly Endpoint[]>, onChange: () => void) {
    this.#file = file;
    this.#onChange = onChange;
  }

  /** Reads them. One that cannot be read is left out, told, and kept in a copy of the file. */
  static async open({ dataFolder, onChange, ...config }: EndpointStoreConfig): Promise<EndpointStore> {
    const file = await SharedFile.open<readonly Endpoint[]>({
      ...config,
      file: path.join(dataFolder, "endpoints.json"),
      what: "the list of engines elsewhere",
      empty: [],
      read: (stored) => {
        const list = storedSchema.safeParse(stored);
        if (!list.success) return { value: [], problems: ["It is not a list of engines."] };
        const read = list.data.endpoints.map((each) => endpointSchema.safeParse(each));
        return {
          value: read.flatMap(({ data }) => data ?? []),
          problems: read.flatMap(({ success }, index) => (success ? [] : [`Engine ${index + 1} cannot be read.`])),
        };
      },
      stored: (endpoints) => ({ version: 1, endpoints }),
      onOutsideChange: onChange,
      problemCode: "SETTINGS_INVALID",
      consequence: "Engines that could not be read have to be added again.",
    });
    return new EndpointStore(file, onChange);
  }

  get problems() {
    return this.#file.problems;
  }

  list(): Promise<readonly Endpoint[]> {
    return this.#file.refresh();
  }

  /** Throws ENDPOINT_NOT_FOUND. */
  async get(id: string): Promise<Endpoint> {
    const list = await this.list();
    const found = list.find((each) => each.id === id);
    if (found !== undefined) return found;
    throw new HoloscopeError(
      "ENDPOINT_NOT_FOUND",
      `There is no engine "${id}".`,
      `There are: ${[localEngineId, ...list.map((each) => each.id)].join(", ")}. Add one with: holoscope engines add NAME URL`,
    );
  }

  /** Adds one under an id made of its name. Throws STORAGE_FAILED, DISK_FULL. */
  async add(endpoint: Omit<Endpoint, "id">): Promise<Endpoint> {
    let added: Endpoint | undefined;
    await this.#file.change((list) => {
      const id = uniqueModelId(endpoint.name, [localEngineId, ...list.map((each) => each.id)]);
      added = { ...endpoint, id };
      return [...list, added];
    });
    this.#onChange();
    if (added === undefined) throw new HoloscopeError("INTERNAL", "The engine was not added.");
    return added;
  }

  /** Puts a changed one in its place. Throws ENDPOINT_NOT_FOUND, STORAGE_FAILED, DISK_FULL. */
  async update(id: string, change: (endpoint: Endpoint) => Endpoint): Promise<Endpoint> {
    await this.get(id);
    await this.#file.change((list) => list.map((each) => (each.id === id ? change(each) : each)));
    this.#onChange();
    return this.get(id);
  }

  /** False if there is none. */
  async remove(id: string): Promise<boolean> {
    let removed = false;
    await this.#file.change((list) => {
      removed = list.some((each) => each.id === id);
      return list.filter((each) => each.id !== id);
    });
    this.#onChange();
    return removed;
  }

  close(): void {
    this.#file.close();
  }
}
