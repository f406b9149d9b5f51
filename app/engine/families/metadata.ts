import type { GgufHeader, GgufValue } from "../../../native/index.ts";

/** A string of a header's metadata; undefined if it is absent or of another type. */
export function metadataString(header: GgufHeader, key: string): string | undefined {
  const value = header.metadata[key];
  return typeof value === "string" ? value : undefined;
}

/** A number of a header's metadata; undefined if it is absent, of another type or beyond what a double holds. */
export function metadataNumber(header: GgufHeader, key: string): number | undefined {
  const value = header.metadata[key];
  if (typeof value === "number") return value;
  if (typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  return undefined;
}

/** An array of a header's metadata; undefined if it is absent, no array, or longer than what the reader keeps. */
export function metadataArray(header: GgufHeader, key: string): readonly GgufValue[] | undefined {
  const value = header.metadata[key];
  return Array.isArray(value) && metadataLength(header, key) === value.length ? value : undefined;
}

/** True length of an array, also of one that the reader cut. */
export function metadataLength(header: GgufHeader, key: string): number {
  const value = header.metadata[key];
  return header.arrayLengths[key] ?? (Array.isArray(value) ? value.length : 0);
}

/** What the file says it is called, in lower case: name, base name, fine-tune and tags. */
function modelNames(header: GgufHeader): string {
  const tags = header.metadata["general.tags"];
  const parts = [
    metadataString(header, "general.name"),
    metadataString(header, "general.basename"),
    metadataString(header, "general.finetune"),
    ...(Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : []),
  ];
  return parts
    .filter((part) => part !== undefined)
    .join(" ")
    .toLowerCase();
}

/** Whether the weights are of the Holo line, which was fine-tuned to answer with click points. */
export function isHolo(header: GgufHeader): boolean {
  return /\bholo(?![a-z])/.test(modelNames(header));
}
