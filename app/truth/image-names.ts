import type { DocumentImage } from "./document.ts";

/**
 * What an image may be called, from the strictest comparison to the loosest:
 * 0. the file name without folders of any system, query and percent-encoding, in Unicode's composed form (NFC);
 * 1. without its extension;
 * 2. without what tools add: Label Studio's prefix (`cb0618f6-`), Roboflow's suffix (`_png.rf.<hash>`);
 * 3. its letters and digits alone, since tools replace spaces and signs.
 */
export const nameLevels = [0, 1, 2, 3] as const;
export type NameLevel = (typeof nameLevels)[number];

/** Longer names are no file names; only their end is compared. */
const maxName = 1000;

/** The forms of a name on one level. Case does not matter. */
export function nameKeys(name: string, level: NameLevel): ReadonlySet<string> {
  const path = withoutQuery(name);
  const bases = new Set([baseOf(name), baseOf(path), baseOf(decoded(path.slice(-3 * maxName)))]);
  const plain = [...bases].map((base) => base.normalize("NFC").toLowerCase()).filter((base) => base !== "");
  if (level === 0) return new Set(plain);
  const stems = plain.map(withoutExtension);
  if (level === 1) return new Set(stems);
  const bare = stems.map(withoutTools);
  if (level === 2) return new Set(bare);
  return new Set(bare.map((stem) => stem.replace(/[^\p{L}\p{N}]/gu, "")).filter((stem) => stem !== ""));
}

/** Whether a file means an image of that name, on one level of strictness. */
export function meansImage({ names }: Pick<DocumentImage, "names">, imageName: string, level: NameLevel): boolean {
  const own = nameKeys(imageName, level);
  return names.some((name) => [...nameKeys(name, level)].some((key) => own.has(key)));
}

/** Last part of a path of any system. */
function baseOf(path: string): string {
  let length = path.length;
  while (length > 0 && (path[length - 1] === "/" || path[length - 1] === "\\")) length -= 1;
  const end = path.slice(Math.max(0, length - maxName), length);
  return end.slice(Math.max(end.lastIndexOf("/"), end.lastIndexOf("\\")) + 1);
}

/** "shot.png?d=1#x" -> "shot.png"; Label Studio puts the path itself into a query: "?d=images/shot.png". */
function withoutQuery(name: string): string {
  const query = name.indexOf("?");
  if (query < 0) return name.split("#", 1)[0] ?? name;
  const path = /^\?d=([^&#]*)/.exec(name.slice(query))?.[1];
  return path ?? name.slice(0, query);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function withoutExtension(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 && name.length - dot <= 6 ? name.slice(0, dot) : name;
}

/** The name before a tool took it in; the extension is gone already. */
function withoutTools(stem: string): string {
  const roboflow = stem.lastIndexOf(".rf.");
  const original = roboflow > 0 ? stem.slice(0, roboflow).replace(/[_-](?:png|jpe?g|webp|gif|avif|bmp)$/, "") : stem;
  return original.replace(/^[0-9a-f]{8}-(?=.)/, "");
}
