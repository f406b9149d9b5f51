import { HoloscopeError } from "../contract/index.ts";
import { invalidTruth } from "./document.ts";
import { isRecord } from "./loose.ts";

export const truthFileLimits = {
  /** Bytes of a truth file; annotation files of large datasets have some tens of MB. */
  bytes: 256 * 1024 * 1024,
  /** Characters of a file that needs the slower readers: JSON with small faults, and XML. */
  slowCharacters: 32 * 1024 * 1024,
  /** Elements of XML within each other; screens of telephones have some 50. */
  depth: 256,
} as const;

/** The text of a file, by its byte order mark; UTF-8 without one. PowerShell writes UTF-16. */
export function decodedText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

/** JSON as JSON.parse reads it; undefined if it is none. A byte order mark does not matter. */
export function strictJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

/**
 * JSON with the faults that tools really make: trailing commas, comments, NaN and Infinity (which become numbers that no
 * reader takes), Markdown's fence around a model's answer, and one value on each line (JSONL). Throws BAD_REQUEST.
 */
export async function lenientJson(text: string): Promise<unknown> {
  const whole = strictJson(text);
  if (whole !== undefined) return whole;
  const plain = withoutFence(text.replace(/^\ufeff/, "").trim());
  const fenced = strictJson(plain);
  if (fenced !== undefined) return fenced;
  const lines = jsonLines(plain);
  if (lines !== undefined) return lines;
  if (plain.length > truthFileLimits.slowCharacters) {
    throw invalidTruth("The file is not valid JSON.", "Files above 32 MB must be valid JSON without exceptions.");
  }
  const { default: json5 } = await import("json5");
  try {
    return json5.parse(plain);
  } catch (error) {
    const place = /at (\d+):(\d+)/.exec(String(error));
    throw new HoloscopeError(
      "BAD_REQUEST",
      `The file is not valid JSON${place === null ? "" : `: line ${place[1]}, column ${place[2]}`}.`,
      "Export it again; it may have been cut off.",
      String(error),
    );
  }
}

/** A model's answer as it is copied from a chat: ```json ... ``` */
function withoutFence(text: string): string {
  if (!text.startsWith("```")) return text;
  const begin = text.indexOf("\n") + 1;
  const end = text.lastIndexOf("```");
  return begin > 0 && end > begin ? text.slice(begin, end).trim() : text;
}

/** One JSON object on each line; undefined if any line is something else. */
function jsonLines(text: string): readonly unknown[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length < 2) return undefined;
  const values: unknown[] = [];
  for (const line of lines) {
    const value = strictJson(line);
    if (!isRecord(value)) return undefined;
    values.push(value);
  }
  return values;
}

/**
 * XML as objects: attributes and children by their names, text under "#text". Document types, and with them entities
 * of a file's own, are refused, and depth is bounded. Throws BAD_REQUEST.
 */
export async function parsedXml(text: string): Promise<Readonly<Record<string, unknown>>> {
  if (text.length > truthFileLimits.slowCharacters) {
    throw invalidTruth("The XML file is larger than 32 MB.", "Split it by images.");
  }
  if (/<!DOCTYPE/i.test(text)) {
    throw invalidTruth("The XML file has a document type, which is not read.", "Remove its <!DOCTYPE ...> part.");
  }
  const { XMLParser } = await import("fast-xml-parser");
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    htmlEntities: true,
    maxNestedTags: truthFileLimits.depth,
  });
  try {
    const document: unknown = parser.parse(text.replace(/^\ufeff/, ""));
    if (isRecord(document)) return document;
  } catch (error) {
    throw new HoloscopeError("BAD_REQUEST", "The file is not valid XML.", "Export it again.", String(error));
  }
  throw invalidTruth("The file is not valid XML.", "Export it again.");
}
