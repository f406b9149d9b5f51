import { z } from "zod";
import { HoloscopeError, parseOrThrow } from "../../contract/errors.ts";
import type { RemoteFile, RemoteListing, RemotePart } from "../../contract/model-files.ts";
import type { HubClient } from "./hub-client.ts";
import { type HubReference, isSafePath } from "./reference.ts";

/** Entries of GET /api/models/{repository}/tree/{revision}, as far as they are used. */
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number().optional(),
    lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
  }),
);

const maxPages = 20;

/** Lists the GGUF files of a repository. Throws HUB_OFFLINE, HUB_NOT_FOUND, HUB_DENIED, HUB_FAILED, CANCELLED. */
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
  const mmprojs = files.filter(isMmproj).sort((a, b) => mmprojRank(a) - mmprojRank(b) || a.path.localeCompare(b.path));
  const models = files
    .filter((file) => !isMmproj(file))
    .sort((a, b) => a.bytes - b.bytes || a.path.localeCompare(b.path));
  if (models.length === 0) {
    throw new HoloscopeError(
      "HUB_NOT_FOUND",
      `${repository} holds no GGUF model.`,
      "Look for a repository with GGUF in its name: the same model converted for llama.cpp.",
    );
  }
  const suggestedModel = wanted === undefined ? only(models)?.path : wantedModel(models, wanted, repository).path;
  const suggestedMmproj = mmprojs[0]?.path;
  return {
    repository,
    endpoint: client.access.endpoint.href.replace(/\/$/, ""),
    models,
    mmprojs,
    ...(suggestedModel === undefined ? {} : { suggestedModel }),
    ...(suggestedMmproj === undefined ? {} : { suggestedMmproj }),
  };
}

function asPart({ type, path, size, lfs }: z.infer<typeof treeSchema>[number]): RemotePart[] {
  const bytes = lfs?.size ?? size ?? 0;
  // Names that a hostile hub could use to leave our folder are passed over, as is what is no model.
  if (type !== "file" || !/\.gguf$/i.test(path) || !isSafePath(path) || !Number.isSafeInteger(bytes) || bytes <= 0)
    return [];
  const sha256 = lfs !== undefined && /^[0-9a-f]{64}$/.test(lfs.oid) ? { sha256: lfs.oid } : {};
  return [{ path, bytes, ...sha256 }];
}

/** llama.cpp's names of the parts of a split model. */
const splitPattern = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/** Joins the parts of split models; a model with a part missing is left out. */
function group(parts: readonly RemotePart[]): RemoteFile[] {
  const groups = new Map<string, RemotePart[]>();
  for (const part of parts) {
    const match = splitPattern.exec(part.path);
    const key = match === null ? part.path : `${match[1]} of ${match[3]}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()].flatMap((group) => {
    const sorted = [...group].sort((a, b) => a.path.localeCompare(b.path));
    const first = sorted[0];
    if (first === undefined) return [];
    const count = Number(splitPattern.exec(first.path)?.[3] ?? 1);
    if (sorted.length !== count) return [];
    const quantisation = quantisationOf(first.path);
    return [
      {
        path: first.path,
        bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0),
        parts: sorted,
        ...(quantisation === undefined ? {} : { quantisation }),
      },
    ];
  });
}

/** The last of a path's name parts that names a quantisation; the folder counts if the file's name has none. */
export function quantisationOf(path: string): string | undefined {
  const pattern =
    /(?<![a-z0-9])(?:(?:UD-)?I?Q\d(?:_[0-9A-Z]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|F16|F32|FP16|FP32)(?![a-z0-9])/gi;
  for (const name of path.split("/").reverse()) {
    const found = name.replace(splitPattern, "$1").match(pattern)?.at(-1);
    if (found !== undefined) return found.toUpperCase();
  }
  return undefined;
}

function isMmproj({ path }: RemoteFile): boolean {
  return /mmproj/i.test(path.split("/").at(-1) ?? path);
}

/** f16 runs well everywhere; q8_0 is half as large and nearly as good; bf16 is slow or converted on many GPUs. */
const mmprojOrder = ["F16", "FP16", "Q8_0", "BF16", "F32"];

function mmprojRank({ quantisation }: RemoteFile): number {
  const rank = mmprojOrder.indexOf(quantisation ?? "");
  return rank < 0 ? mmprojOrder.length : rank;
}

function wantedModel(models: readonly RemoteFile[], wanted: string, repository: string): RemoteFile {
  const text = wanted.toLowerCase();
  const file = models.find(({ path }) => path.toLowerCase() === text || path.toLowerCase().endsWith(`/${text}`));
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

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}
