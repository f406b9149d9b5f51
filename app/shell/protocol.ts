import { readFile } from "node:fs/promises";
import path from "node:path";
import { protocol, type Session } from "electron";
import { HoloscopeError, type ImageFormat, imageIdSchema } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { appScheme, imagePath, isAppAddress } from "./address.ts";

/** What the page may load: its own scripts and styles, and images by id. Anything not named is refused. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  `img-src 'self' blob: ${appScheme}:`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const assetTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

const imageTypes: Readonly<Record<ImageFormat, string>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
};

/** Must run before the app is ready: makes the scheme a secure origin like https, with fetch and streaming. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/**
 * The file of an asset, or undefined when the path leaves the folder or cannot be decoded.
 * @param root absolute folder
 * @param urlPath the path of a URL, still percent-encoded
 */
export function assetFile(root: string, urlPath: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  // A backslash separates folders on Windows only, a colon names a drive or a stream there: neither is in our names.
  if (/[\\:\0]/.test(decoded)) return undefined;
  const file = path.resolve(root, `.${path.posix.normalize(`/${decoded}`)}`);
  // Encoded dots survive the URL parser: a path that had to be normalised was never one of ours.
  if (decoded.split("/").some((part) => part === ".." || part === ".")) return undefined;
  return file.startsWith(root + path.sep) ? file : undefined;
}

function answer(body: Uint8Array<ArrayBuffer>, type: string, caching: string): Response {
  return new Response(body, {
    headers: {
      "content-type": type,
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": caching,
    },
  });
}

function refuse(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
    },
  });
}

async function imageAnswer(host: Host, id: string): Promise<Response> {
  if (!imageIdSchema.safeParse(id).success) return refuse(400, "Not an image id.");
  try {
    const { path: file, ref } = await host.imageFile(id);
    // The id is the hash of the bytes: what it names never changes.
    return answer(await readFile(file), imageTypes[ref.format], "private, max-age=31536000, immutable");
  } catch (error) {
    const { code, message } = HoloscopeError.from(error);
    return refuse(code === "IMAGE_NOT_FOUND" ? 404 : 500, message);
  }
}

async function assetAnswer(rendererFolder: string, urlPath: string): Promise<Response> {
  const file = assetFile(rendererFolder, urlPath);
  const type = file === undefined ? undefined : assetTypes[path.extname(file).toLowerCase()];
  if (file === undefined || type === undefined) return refuse(404, "Not found.");
  try {
    return answer(await readFile(file), type, "no-cache");
  } catch {
    return refuse(404, "Not found.");
  }
}

/** Answers one request for a `holoscope:` address. Never throws. */
export async function answerRequest(rendererFolder: string, host: Host, request: Request): Promise<Response> {
  if (request.method !== "GET") return refuse(405, "Only GET is answered here.");
  if (!isAppAddress(request.url)) return refuse(404, "Not found.");
  const { pathname } = new URL(request.url);
  return pathname.startsWith(imagePath)
    ? imageAnswer(host, pathname.slice(imagePath.length))
    : assetAnswer(rendererFolder, pathname);
}

/**
 * Serves the page from `rendererFolder` and the stored images by id, and nothing else.
 * @param rendererFolder absolute folder of the renderer's build
 */
export function serveApp(session: Session, rendererFolder: string, host: Host): void {
  const root = path.resolve(rendererFolder);
  session.protocol.handle(appScheme, (request) => answerRequest(root, host, request));
}
