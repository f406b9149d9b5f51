import { readFile } from "node:fs/promises";
import { protocol, type Session } from "electron";
import { HoloscopeError, imageIdSchema } from "../contract/index.ts";
import { contentSecurityPolicy, readPageFile } from "../host/disk/page-files.ts";
import type { Host } from "../host/types.ts";
import { appScheme, imagePath, isAppAddress } from "./address.ts";

/** Headers of every answer. */
const guarded = {
  "content-security-policy": contentSecurityPolicy(`blob: ${appScheme}:`),
  "x-content-type-options": "nosniff",
};

/** Must run before the app is ready: makes the scheme a secure origin like https, with fetch and streaming. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

function answer(body: Uint8Array<ArrayBuffer>, type: string, caching: string): Response {
  return new Response(body, {
    headers: {
      ...guarded,
      "content-type": type,
      "cross-origin-resource-policy": "same-origin",
      "cache-control": caching,
    },
  });
}

function refuse(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...guarded, "content-type": "text/plain; charset=utf-8" } });
}

async function imageAnswer(host: Host, id: string): Promise<Response> {
  if (!imageIdSchema.safeParse(id).success) return refuse(400, "Not an image id.");
  try {
    const { path: file, type } = await host.displayFile(id);
    // The bytes never change, but a copy in the page's cache would outlive an image that is deleted.
    return answer(await readFile(file), type, "no-store");
  } catch (error) {
    const { code, message } = HoloscopeError.from(error);
    return refuse(code === "IMAGE_NOT_FOUND" ? 404 : 500, message);
  }
}

/** Answers one request for a `holoscope:` address. Never throws. */
export async function answerRequest(rendererFolder: string, host: Host, request: Request): Promise<Response> {
  if (request.method !== "GET") return refuse(405, "Only GET is answered here.");
  if (!isAppAddress(request.url)) return refuse(404, "Not found.");
  const { pathname } = new URL(request.url);
  if (pathname.startsWith(imagePath)) return imageAnswer(host, pathname.slice(imagePath.length));
  const found = await readPageFile(rendererFolder, pathname);
  return found === undefined ? refuse(404, "Not found.") : answer(found.bytes, found.type, "no-cache");
}

/**
 * Serves the page from `rendererFolder` (the renderer's build) and the stored images by id, and nothing else.
 */
export function serveApp(session: Session, rendererFolder: string, host: Host): void {
  session.protocol.handle(appScheme, (request) => answerRequest(rendererFolder, host, request));
}
