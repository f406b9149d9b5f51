import { HoloscopeError } from "../contract/index.ts";
import { readPageFile } from "../host/disk/page-files.ts";

/** A file of the renderer build; the start page for "/". Throws NOT_FOUND. */
export async function rendererFile(folder: string, urlPath: string): Promise<Response> {
  const wanted = urlPath === "/" ? "/index.html" : urlPath;
  const found = await readPageFile(folder, wanted);
  if (found) {
    // File names in assets/ contain a hash of the content; all other files may change with the next build.
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
