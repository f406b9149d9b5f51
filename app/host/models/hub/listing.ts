import { z } from "zod";
import {
  defined,
  HoloscopeError,
  parseOrThrow,
  type RemoteFile,
  type RemoteListing,
  type RemotePart,
} from "../../../contract/index.ts";
import { partPaths, splitNameOf } from "../../../gguf/split-name.ts";
import { isMmprojName } from "../mmproj-choice.ts";
import { quantisationOf } from "../quantisation.ts";
import type { HubClient } from "./hub-client.ts";
import { type HubReference, isSafePath } from "./reference.ts";

/** The fields used of GET /api/models/{repository}/tree/{revision}. */
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number().optional(),
    lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
  }),
);

const maxPages = 20;

/**
 * Lists the GGUF files of a repository; which mmproj to take is not decided. Throws BAD_REQUEST (also for an mmproj
 * wanted as the model), HUB_OFFLINE, HUB_NOT_FOUND, HUB_DENIED, HUB_FAILED,
 * CANCELLED.
 */
export async function listRepository(
  client: HubClient,
  { repository, wanted }: HubReference,
  signal: AbortSignal,
): Promise<RemoteListing> {
  const page = client.at(`/${repository}`);
  const entries: z.infer<typeof treeSchema> = [];
  let url: URL | undefined = client.at(`/api/models/${repository}/tree/main?recursive=true`);
  for (let pages = 0; url !== undefined && pages < maxPages; pages++) {
    const answer: { value: unknown; next: URL | undefined } = await client.json(
      url,
      `repository ${repository}`,
      page,
      signal,
    );
    entries.push(...parseOrThrow(treeSchema, answer.value, "HUB_FAILED", "The hub's list of files"));
    url = answer.next?.origin === client.access.endpoint.origin ? answer.next : undefined;
  }
  const files = group(entries.flatMap(asPart));
  const mmprojs = files.filter((file) => isMmprojName(file.path));
  const models = files
    .filter((file) => !isMmprojName(file.path))
    .sort((a, b) => a.bytes - b.bytes || a.path.localeCompare(b.path));
  if (models.length === 0) {
    throw new HoloscopeError(
      "HUB_NOT_FOUND",
      `${repository} holds no GGUF model.`,
      "Look for a repository with GGUF in its name: the same model converted for llama.cpp.",
    );
  }
  const named = mmprojs.find(({ path }) => wanted !== undefined && isNamed(path, wanted));
  if (named !== undefined) throw mmprojAsModel(named.path, models);
  const suggestedModel = wanted === undefined ? only(models)?.path : wantedModel(models, wanted, repository).path;
  return {
    repository,
    endpoint: client.access.endpoint.href.replace(/\/$/, ""),
    models,
    mmprojs,
    ...defined({ suggestedModel }),
  };
}

function asPart({ type, path, size, lfs }: z.infer<typeof treeSchema>[number]): RemotePart[] {
  const bytes = lfs?.size ?? size ?? 0;
  // Skips files that are no models, and names that a hostile hub could use to write outside our folder.
  if (type !== "file" || !/\.gguf$/i.test(path) || !isSafePath(path) || !Number.isSafeInteger(bytes) || bytes <= 0)
    return [];
  const sha256 = lfs !== undefined && /^[0-9a-f]{64}$/.test(lfs.oid) ? { sha256: lfs.oid } : {};
  return [{ path, bytes, ...sha256 }];
}

/** Groups the parts of split models; omits models with missing parts. */
function group(parts: readonly RemotePart[]): RemoteFile[] {
  const groups = new Map<string, RemotePart[]>();
  for (const part of parts) {
    const split = splitNameOf(part.path);
    const key = split === undefined ? part.path : (partPaths(part.path)[0] ?? part.path);
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()].flatMap((group) => {
    const sorted = [...group].sort((a, b) => a.path.localeCompare(b.path));
    const first = sorted[0];
    if (first === undefined) return [];
    const count = splitNameOf(first.path)?.count ?? 1;
    if (sorted.length !== count) return [];
    const quantisation = quantisationOf(first.path);
    return [
      {
        path: first.path,
        bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0),
        parts: sorted,
        ...defined({ quantisation }),
      },
    ];
  });
}

function wantedModel(models: readonly RemoteFile[], wanted: string, repository: string): RemoteFile {
  const text = wanted.toLowerCase();
  const file = models.find(({ parts }) => parts.some(({ path }) => isNamed(path, wanted)));
  const byQuantisation = models.filter(({ quantisation }) => quantisation?.toLowerCase() === text);
  const found = file ?? only(byQuantisation);
  if (found !== undefined) return found;
  const several = byQuantisation.length > 1;
  throw new HoloscopeError(
    several ? "BAD_REQUEST" : "HUB_NOT_FOUND",
    several ? `${repository} has several files of ${wanted}.` : `${repository} has no file or quantisation ${wanted}.`,
    `Name one of: ${(several ? byQuantisation : models).map(({ path, quantisation }) => (several ? path : (quantisation ?? path))).join(", ")}.`,
  );
}

function isNamed(path: string, wanted: string): boolean {
  const [name, text] = [path.toLowerCase(), wanted.toLowerCase()];
  return name === text || name.endsWith(`/${text}`);
}

export function mmprojAsModel(mmproj: string, models: readonly RemoteFile[]): HoloscopeError {
  return new HoloscopeError(
    "BAD_REQUEST",
    `${mmproj} is an mmproj, the vision part of a model, not the model itself.`,
    `Name a model: ${models
      .slice(0, 3)
      .map(({ path }) => path)
      .join(", ")}. An mmproj that fits is fetched with it.`,
  );
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}
