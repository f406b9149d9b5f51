import { readFile, realpath } from "node:fs/promises";
import path from "node:path";

/**
 * What the window's page may load: its own scripts and styles, and images. Anything not named is refused.
 * @param imageSources where images come from, besides the page's own origin
 */
export function contentSecurityPolicy(imageSources: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' ${imageSources}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
};

/**
 * The path of a file below `root` for the path of a URL, decoded once. Undefined for anything not clearly below it:
 * parent segments in any encoding, backslashes, NUL, drive letters, malformed escapes.
 */
export function pathBelow(root: string, urlPath: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (!decoded.startsWith("/") || /[\\:\0%]/.test(decoded)) return undefined;
  const segments = decoded.slice(1).split("/");
  if (segments.some((segment) => segment === "." || segment === ".." || segment === "")) return undefined;
  const resolved = path.resolve(root, ...segments);
  return resolved.startsWith(path.resolve(root) + path.sep) ? resolved : undefined;
}

/** A file of the renderer's build with its content type; undefined if there is none that may be served. */
export async function readPageFile(
  folder: string,
  urlPath: string,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string } | undefined> {
  const file = pathBelow(folder, urlPath);
  const type = file && types[path.extname(file).toLowerCase()];
  if (file === undefined || type === undefined) return undefined;
  try {
    const real = await realpath(file);
    // A link must not lead out of the folder.
    if (!real.startsWith((await realpath(folder)) + path.sep)) return undefined;
    return { bytes: new Uint8Array(await readFile(real)), type };
  } catch {
    return undefined;
  }
}
