import path from "node:path";
import {
  HoloscopeError,
  type ModelEntry,
  type PullRequest,
  type RemoteFile,
  type RemoteListing,
  type RemotePart,
} from "../../../contract/index.ts";
import { checkFreeSpace } from "../../disk/free-space.ts";
import { downloadFile } from "../hub/download.ts";
import type { HubClient } from "../hub/hub-client.ts";
import { listRepository, mmprojAsModel } from "../hub/listing.ts";
import { partBytes } from "../hub/part-file.ts";
import { parseReference } from "../hub/reference.ts";
import { type DeviceTypes, orderMmprojs } from "../mmproj-choice.ts";
import type { ModelRegistry } from "../registry.ts";
import type { JobReporter } from "./jobs.ts";
import { type ModelFolder, sizeOf } from "./model-folder.ts";

export interface Pull {
  readonly client: HubClient;
  readonly request: PullRequest;
  readonly folder: ModelFolder;
  readonly models: ModelRegistry;
  readonly deviceTypes: () => Promise<DeviceTypes>;
  readonly reporter: JobReporter;
}

/**
 * Downloads a model with its mmproj, one file after the other, and adds the pair. Throws what {@link downloadFile} and
 * {@link ModelRegistry.add} throw, and MMPROJ_MISSING for a repository without one.
 */
export async function pullModel({ client, request, folder, models, deviceTypes, reporter }: Pull): Promise<ModelEntry> {
  const { repository } = parseReference(request.reference);
  const listing = await listRepository(client, { repository, wanted: undefined }, reporter.signal);
  const { model, mmproj } = await choose(listing, request, deviceTypes);
  const home = folder.forRepository(repository);
  const target = (part: RemotePart): string => path.join(home, ...part.path.split("/"));
  const parts = [...model.parts, ...mmproj.parts];
  const fetched = await Promise.all(
    parts.map(async (part) => (await sizeOf(target(part))) || (await partBytes(target(part)))),
  );
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const here = fetched.reduce((sum, bytes) => sum + bytes, 0);
  await checkFreeSpace(home, Math.max(0, total - here), `download ${path.posix.basename(model.path)} and its mmproj`);

  let before = 0;
  for (const part of parts) {
    const base = before;
    const name = path.posix.basename(part.path);
    reporter.step({
      state: "running",
      file: name,
      bytesTotal: total,
      bytesDone: base + (await partBytes(target(part))),
    });
    const sha256 = await downloadFile({
      client,
      repository,
      part,
      file: target(part),
      request,
      signal: reporter.signal,
      report: {
        progress: (bytes) => reporter.progress(base + bytes),
        resumed: (bytes) => reporter.resumed(bytes),
        retrying: (reason) => reporter.retrying(reason),
        verifying: (bytes) => reporter.step({ state: "verifying", file: name, bytesTotal: bytes }),
        verified: (bytes) => reporter.progress(bytes),
        note: (text) => reporter.note(text),
      },
    });
    await models.learnHash(target(part), sha256);
    before += part.bytes;
  }
  const [firstModel, firstMmproj] = [model.parts[0], mmproj.parts[0]];
  if (firstModel === undefined || firstMmproj === undefined) throw new Error("a listed file has no parts");
  try {
    return await models.add({ modelPath: target(firstModel), mmprojPath: target(firstMmproj), name: request.name });
  } catch (error) {
    throw withWayOut(HoloscopeError.from(error));
  }
}

/** The files are whole, but of no use: pulling them again would not help, removing them does. */
function withWayOut({ code, message, hint, detail }: HoloscopeError): HoloscopeError {
  const remove =
    "What was pulled can be removed: holoscope models list names the unused files, as the Models view does.";
  return new HoloscopeError(code, message, hint === undefined ? remove : `${hint} ${remove}`, detail);
}

async function choose(
  { models, mmprojs, repository }: RemoteListing,
  request: PullRequest,
  deviceTypes: () => Promise<DeviceTypes>,
): Promise<{ readonly model: RemoteFile; readonly mmproj: RemoteFile }> {
  if (mmprojs.some((file) => file.path === request.model)) throw mmprojAsModel(request.model, models);
  const model = find(models, request.model, repository);
  const wanted = request.mmproj ?? (await orderMmprojs(mmprojs, model.path, deviceTypes))[0]?.path;
  if (wanted === undefined) {
    throw new HoloscopeError(
      "MMPROJ_MISSING",
      `${repository} has no mmproj file, without which a vision model cannot see.`,
      "Choose another repository of the same model, one that has an mmproj file.",
    );
  }
  return { model, mmproj: find(mmprojs, wanted, repository) };
}

function find(files: readonly RemoteFile[], wanted: string, repository: string): RemoteFile {
  const found = files.find((file) => file.path === wanted || file.parts.some((part) => part.path === wanted));
  if (found !== undefined) return found;
  throw new HoloscopeError(
    "HUB_NOT_FOUND",
    `${repository} has no file "${wanted}" (any more).`,
    `It has: ${files.map((file) => file.path).join(", ")}.`,
  );
}
