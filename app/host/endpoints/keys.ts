import path from "node:path";
import { z } from "zod";
import type { AtomicWriter } from "../disk/atomic.ts";
import { SharedFile } from "../disk/shared-file.ts";
import type { Log } from "../log.ts";

/** Keeps the keys of engines elsewhere. No key is ever logged, recorded or sent to a window. */
export interface KeyStore {
  get(id: string): Promise<string | undefined>;
  /** undefined forgets it. */
  set(id: string, key: string | undefined): Promise<void>;
}

/** Makes a text unreadable for others, and readable again: on the desktop with the operating system's own store. */
export interface Cipher {
  seal(text: string): string;
  /** undefined for what it did not seal. */
  open(sealed: string): string | undefined;
}

const storedSchema = z.object({ version: z.literal(1), keys: z.record(z.string(), z.string()) });

interface FileKeysConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
  /** Without one the keys lie in the file as they are; only this user may read it (mode 0600). */
  readonly cipher?: Cipher | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Name of the environment's variable that holds a key: "HOLOSCOPE_KEY_CUDA_BOX" for the id "cuda-box". */
export function keyVariable(id: string): string {
  return `HOLOSCOPE_KEY_${id.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}

/** Keys of endpoint-keys.json; one in the environment goes before them. */
export async function openKeys({
  dataFolder,
  cipher,
  env,
  ...config
}: FileKeysConfig): Promise<KeyStore & { close(): void }> {
  const file = await SharedFile.open<Readonly<Record<string, string>>>({
    ...config,
    file: path.join(dataFolder, "endpoint-keys.json"),
    what: "the keys of engines elsewhere",
    empty: {},
    read: (stored) => {
      const parsed = storedSchema.safeParse(stored);
      return parsed.success
        ? { value: parsed.data.keys, problems: [] }
        : { value: {}, problems: ["It is not a file of keys."] };
    },
    stored: (keys) => ({ version: 1, keys }) satisfies z.infer<typeof storedSchema>,
    onOutsideChange: () => {},
    problemCode: "SETTINGS_INVALID",
    consequence: "The keys have to be given again.",
  });
  return {
    async get(id) {
      const given = env[keyVariable(id)];
      if (given !== undefined && given !== "") return given;
      const kept = (await file.refresh())[id];
      return kept === undefined || cipher === undefined ? kept : cipher.open(kept);
    },
    async set(id, key) {
      await file.change((keys) => {
        const { [id]: _, ...others } = keys;
        return key === undefined ? others : { ...others, [id]: cipher === undefined ? key : cipher.seal(key) };
      });
    },
    close: () => file.close(),
  };
}
