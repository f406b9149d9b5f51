import { type FileHandle, mkdir, open, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import path from "node:path";
import { defined, HoloscopeError, type PullRequest, type RemotePart } from "../../../contract/index.ts";
import { writeAll } from "../../../gguf/file-bytes.ts";
import { cancelledError } from "../../abortable.ts";
import { checkFreeSpace } from "../../disk/free-space.ts";
import { sha256OfFile } from "../../disk/sha256.ts";
import { storageError } from "../../disk/storage-error.ts";
import { giveName } from "../../disk/temporary.ts";
import type { HubClient } from "./hub-client.ts";
import { connectionFailure, PassingFailure } from "./hub-errors.ts";
import {
  lockPart,
  partBytes,
  partEnding,
  readSidecar,
  removePart,
  removeSidecarLeftovers,
  type Sidecar,
  sidecarEnding,
  writeSidecar,
} from "./part-file.ts";
import { header } from "./request.ts";

/**
 * Why not node-llama-cpp's downloader (ipull): it uses Node's fetch, which ignores proxies in the environment and
 * follows redirects from https to http; it resumes without checking that the remote file is unchanged; and it verifies
 * no hash. Its strength, several connections at once, is given up for one ordered stream, so that the length of the
 * partial file alone tells what has been fetched, whenever the process was killed.
 */
export interface Download {
  readonly client: HubClient;
  readonly repository: string;
  readonly part: RemotePart;
  /** Where the finished file goes. */
  readonly file: string;
  readonly request: PullRequest;
  readonly signal: AbortSignal;
  readonly report: DownloadReport;
}

interface DownloadReport {
  /** Bytes of this file fetched by now. */
  progress(bytesDone: number): void;
  resumed(bytes: number): void;
  retrying(reason: string): void;
  verifying(bytesTotal: number): void;
  verified(bytesDone: number): void;
  note(text: string): void;
}

/** Bytes after which a try counts as a success and resets the count of failed ones. */
const goodTryBytes = 32 * 1024;
/** Most tries for one file. */
const maxTries = 200;

/**
 * Downloads one file, or resumes an earlier, interrupted download of it. The file gets its final name only when it is
 * complete and its SHA-256 is the hub's; resolves with that hash. Throws CANCELLED, DISK_FULL, STORAGE_FAILED,
 * FILE_EXISTS, DOWNLOAD_CORRUPT, HUB_OFFLINE, HUB_NOT_FOUND, HUB_DENIED, HUB_FAILED. What was fetched is kept after all
 * of them except DOWNLOAD_CORRUPT.
 */
export async function downloadFile(download: Download): Promise<string> {
  const { part, file } = download;
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw storageError(error, "make the folder of the model");
  });
  const unlock = await lockPart(file);
  try {
    await removeSidecarLeftovers(file);
    const here = await stat(file).then(
      ({ size }) => size,
      () => undefined,
    );
    if (here !== undefined) return await checkExisting(download, here);
    const sidecar = await prepare(download);
    await checkFreeSpace(folder, part.bytes - (await partBytes(file)), `download "${path.basename(file)}"`);
    const linked = await fetchAll(download, sidecar);
    return await finish(download, part.sha256 ?? linked);
  } finally {
    await unlock();
  }
}

/** A file with this name exists: if it is the same, there is nothing to download; a different one is not replaced. */
async function checkExisting({ part, file, signal, report }: Download, bytes: number): Promise<string> {
  report.verifying(bytes);
  const hash = await sha256OfFile(file, signal, report.verified);
  const same = part.sha256 === undefined ? bytes === part.bytes : hash === part.sha256;
  if (same) {
    await removePart(file);
    return hash;
  }
  throw new HoloscopeError(
    "FILE_EXISTS",
    `"${path.basename(file)}" exists already, but differs from the hub's present file.`,
    "Remove the model that uses it with its files (holoscope models remove ID --files), or the file if no model does (holoscope models discard), then pull again.",
  );
}

/** Compares sidecar and partial file with what the hub has now; starts over if it has changed. */
async function prepare({ client, repository, part, file, request, report }: Download): Promise<Sidecar> {
  const before = await readSidecar(file);
  const fetched = await partBytes(file);
  const same =
    before !== undefined && before.bytes === part.bytes && before.sha256 === part.sha256 && fetched <= part.bytes;
  if (fetched > 0 && !same) report.note(`The file at the hub has changed: ${path.basename(file)} is downloaded again.`);
  if (same && fetched > 0) report.resumed(fetched);
  if (!same) await removePart(file);
  const sidecar: Sidecar = {
    version: 1,
    url: fileUrl(client, repository, part).href,
    bytes: part.bytes,
    request,
    ...defined({ sha256: part.sha256, etag: same && before.etag !== undefined ? before.etag : undefined }),
  };
  await writeSidecar(file, sidecar);
  return sidecar;
}

function fileUrl(client: HubClient, repository: string, { path: inside }: RemotePart): URL {
  return client.at(`/${repository}/resolve/main/${inside.split("/").map(encodeURIComponent).join("/")}`);
}

/**
 * Fetches until the file is complete, over as many connections as it takes. Resolves with the checksum that the hub's
 * redirect stated.
 */
async function fetchAll(download: Download, sidecar: Sidecar): Promise<string | undefined> {
  const { client, part, file, signal, report } = download;
  let linked: string | undefined;
  const target = await open(`${file}${partEnding}`, "a+").then(async (appending) => {
    await appending.close();
    return open(`${file}${partEnding}`, "r+");
  });
  try {
    let done = (await target.stat()).size;
    for (let failed = 0, tries = 1; done < part.bytes; tries++) {
      const before = done;
      try {
        linked = await fetchOnce(download, sidecar, target, done, (bytes) => {
          done = bytes;
          report.progress(bytes);
        });
      } catch (error) {
        if (signal.aborted) throw cancelledError();
        const failure = connectionFailure(error, client.access);
        if (!(failure instanceof PassingFailure)) throw failure;
        failed = done - before >= goodTryBytes ? 1 : failed + 1;
        if (failed >= client.timings.tries || tries >= maxTries) throw givenUp(failure.error, done);
        report.retrying(failure.error.message);
        await client.pause(failed, signal);
      }
    }
    await target.sync();
  } catch (error) {
    throw signal.aborted ? cancelledError() : storageError(error, `download "${path.basename(file)}"`);
  } finally {
    await target.close();
  }
  return linked;
}

function givenUp({ code, message, detail }: HoloscopeError, bytesDone: number): HoloscopeError {
  const kept = bytesDone > 0 ? " What has been fetched is kept." : "";
  return new HoloscopeError(
    code,
    `${message}${kept}`,
    "Pull again when the network is back: it goes on from there.",
    detail,
  );
}

/** One connection: requests the missing bytes and writes them. Resolves when it ends without an error. */
async function fetchOnce(
  { client, repository, part, request, file, signal }: Download,
  sidecar: Sidecar,
  target: FileHandle,
  start: number,
  onBytes: (bytesDone: number) => void,
): Promise<string | undefined> {
  const url = fileUrl(client, repository, part);
  const range = start > 0 ? { range: `bytes=${start}-` } : {};
  // With a checksum a changed file is detected at the end; without one only the hub's etag can tell.
  const unchanged =
    start > 0 && part.sha256 === undefined && sidecar.etag !== undefined ? { "if-range": sidecar.etag } : {};
  const { response, linkedSha256 } = await client.fetch(url, `file ${part.path} in ${repository}`, {
    headers: { ...range, ...unchanged },
    accepted: start > 0 ? [200, 206] : [200],
    page: client.at(`/${repository}`),
    signal,
  });
  try {
    let position = startOf(response, start, part.bytes);
    if (position === 0) {
      await target.truncate(0);
      onBytes(0);
      const etag = header(response.headers, "etag");
      if (etag !== undefined && !etag.startsWith("W/") && etag !== sidecar.etag)
        await writeSidecar(file, { ...sidecar, etag, request });
    }
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      if (position + chunk.length > part.bytes) throw sizeError(part);
      await writeAll(target, chunk, position).catch((error: unknown) => {
        throw storageError(error, `download "${path.basename(part.path)}"`);
      });
      position += chunk.length;
      onBytes(position);
    }
    if (position < part.bytes) throw new Error("the connection ended early");
    return linkedSha256;
  } finally {
    response.destroy();
  }
}

/** Where in the file the answer's body begins: a server without range requests sends the whole file. */
function startOf(response: IncomingMessage, asked: number, total: number): number {
  const part = { bytes: total, path: "The file" };
  if (response.statusCode !== 206) {
    const length = header(response.headers, "content-length");
    if (length !== undefined && Number(length) !== total) throw sizeError(part);
    return 0;
  }
  const [, first, whole] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header(response.headers, "content-range") ?? "") ?? [];
  if (Number(first) !== asked || (whole !== "*" && Number(whole) !== total)) throw sizeError(part);
  return asked;
}

function sizeError({ path: name, bytes }: Pick<RemotePart, "path" | "bytes">): HoloscopeError {
  return new HoloscopeError(
    "HUB_FAILED",
    `${path.basename(name)} is not of the size that the hub's list says (${bytes} bytes).`,
    "Pull again; if that does not help, the hub or a proxy in between is broken.",
  );
}

/** Verifies the hash and gives the file its final name. A file with a wrong hash is removed. */
async function finish({ file, signal, report, part }: Download, expected: string | undefined): Promise<string> {
  const partial = `${file}${partEnding}`;
  report.verifying(part.bytes);
  const hash = await sha256OfFile(partial, signal, report.verified);
  if (expected !== undefined && hash !== expected) {
    await removePart(file);
    throw new HoloscopeError(
      "DOWNLOAD_CORRUPT",
      `${path.basename(file)} arrived damaged: its SHA-256 is not the one that the hub states. It was removed.`,
      "Pull it again. If that happens twice, a proxy in between or the hub changes the file.",
      `expected ${expected}, got ${hash}`,
    );
  }
  if (expected === undefined)
    report.note(`The hub states no checksum for ${path.basename(file)}: only its size was checked.`);
  await giveName(partial, file);
  await rm(`${file}${sidecarEnding}`, { force: true }).catch(() => {});
  return hash;
}
