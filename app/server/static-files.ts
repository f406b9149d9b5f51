import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError } from "../contract/index.ts";

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/**
 * The path of a file below `root` for the path of a URL, decoded once. Undefined for anything that is not plainly
 * below it: parent segments however encoded, backslashes, NUL, drive letters, broken escapes.
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

async function readBelow(
  folder: string,
  urlPath: string,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string } | undefined> {
  const file = pathBelow(folder, urlPath);
  if (file === undefined) return undefined;
  const type = contentTypes[path.extname(file)];
  if (type === undefined) return undefined;
  try {
    const root = await realpath(folder);
    const real = await realpath(file);
    if (!real.startsWith(root + path.sep)) return undefined;
    return { bytes: new Uint8Array(await readFile(real)), type };
  } catch {
    return undefined;
  }
}

/** A file of the renderer build; the start page for "/". Throws NOT_FOUND. */
export async function rendererFile(folder: string, urlPath: string): Promise<Response> {
  const wanted = urlPath === "/" ? "/index.html" : urlPath;
  const found = await readBelow(folder, wanted);
  if (found) {
    // File names below assets/ carry a hash of their content; everything else may change with the next build.
    const cache = wanted.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    return new Response(found.bytes, { headers: { "Content-Type": found.type, "Cache-Control": cache } });
  }
  if (urlPath !== "/") throw new HoloscopeError("NOT_FOUND", "There is nothing at this address.");
  return new Response(
    "The Holoscope service is running, but its page has not been built.\n" +
      "Run `npm run build` and reload. POST /parse and /api work without it.\n",
    { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" } },
  );
}
