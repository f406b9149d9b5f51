import type { FileHandle } from "node:fs/promises";
import { stat } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError } from "../contract/index.ts";
import { readSome } from "./file-bytes.ts";
import { type GgufFile, type GgufHeader, metadataNumber } from "./header.ts";
import { openGguf, readOpenGguf, roundUp } from "./read.ts";
import { partBeside, partPaths, splitNameOf } from "./split-name.ts";

/**
 * Reads the header of a model in one file or in several: the first part's metadata with all parts' tensors and bytes.
 * Checks what llama.cpp needs of a split model: the first part is given, all parts lie beside it under the names that
 * llama.cpp looks for, each says which part it is, and together they have as many tensors as the first one says.
 * Keys: LLM_KV_SPLIT_NO, _COUNT and _TENSORS_COUNT of llama.cpp.
 * Errors: those of reading a header; BAD_REQUEST for another part than the first, for parts under other names and for
 * parts that were joined as bytes; FILE_MISSING for missing parts.
 */
export async function readGgufParts(file: string): Promise<GgufHeader> {
  const name = splitNameOf(file);
  if (name !== undefined && name.number > 1)
    throw notTheFirst(file, name.number, name.count, partBeside(file, name, 1));
  refusePiece(file);
  const files = partPaths(file);
  const missing = await missingOf(files);
  if (missing.length > 0 && !missing.includes(file)) throw partsMissing(file, missing, files.length);

  const first = await readWhole(file);
  const count = metadataNumber(first, "split.count") ?? 1;
  if (count <= 1 && files.length === 1) return first;
  const number = (metadataNumber(first, "split.no") ?? 0) + 1;
  if (number > 1) throw notTheFirst(file, number, count);
  if (count !== files.length) throw otherName(file, count);
  const parts = [first];
  for (const [index, part] of files.entries()) {
    if (index === 0) continue;
    const next = await readWhole(part);
    if (metadataNumber(next, "split.no") !== index || metadataNumber(next, "split.count") !== count) {
      throw notOfThisModel(part, first, `it does not say that it is part ${index + 1} of ${count}`);
    }
    parts.push(next);
  }
  return joined(parts);
}

function joined(parts: readonly GgufFile[]): GgufHeader {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) throw new Error("a model has at least one part");
  const tensors = parts.flatMap((part) => part.tensors);
  const stated = metadataNumber(first, "split.tensors.count") ?? tensors.length;
  if (stated !== tensors.length) {
    throw notOfThisModel(last.path, first, `all parts together have ${tensors.length} tensors instead of ${stated}`);
  }
  if (new Set(tensors.map(({ name }) => name)).size < tensors.length) {
    throw notOfThisModel(last.path, first, "a tensor is in two parts");
  }
  const { path: file, version, metadata, arrayLengths } = first;
  const fileBytes = parts.reduce((sum, part) => sum + part.fileBytes, 0);
  return { path: file, version, fileBytes, metadata, arrayLengths, tensors };
}

/** Reads a header and refuses a file in which another one follows. */
async function readWhole(file: string): Promise<GgufFile> {
  const handle = await openGguf(file);
  try {
    const header = await readOpenGguf(handle, file);
    if (await isFollowedByAnother(handle, header)) {
      throw new HoloscopeError(
        "BAD_REQUEST",
        `"${path.basename(file)}" is several GGUF files in one, as cat makes them of the parts of a split model.`,
        "Use the parts as they were downloaded, in one folder, and give the first; or join them with llama-gguf-split --merge.",
      );
    }
    return header;
  } finally {
    await handle.close();
  }
}

/** The tensor data of the last part may be padded or not. */
async function isFollowedByAnother(handle: FileHandle, header: GgufFile): Promise<boolean> {
  const last = header.tensors.at(-1);
  const end = last === undefined ? header.infosEnd : last.start + last.bytes;
  for (const position of new Set([end, roundUp(end, header.alignment)])) {
    if ((await readSome(handle, position, 4)).toString("latin1") === "GGUF") return true;
  }
  return false;
}

/** Some hubs cut large files into pieces of bytes, which, unlike parts, have to be joined. */
function refusePiece(file: string): void {
  const [, whole, number, count] = /^(.*\.gguf)\.(?:part|split-?)(\d+)of(\d+)$/i.exec(path.basename(file)) ?? [];
  if (whole === undefined) return;
  throw new HoloscopeError(
    "BAD_REQUEST",
    `"${path.basename(file)}" is piece ${number} of ${count} of a file that was cut.`,
    `Join the pieces in their order (with cat, or copy /b on Windows) as ${whole}, and give that.`,
  );
}

function notTheFirst(file: string, number: number, count: number, first?: string): HoloscopeError {
  const hint = `Give its first part${first === undefined ? "" : `, ${path.basename(first)}`}; the others are found beside it.`;
  return new HoloscopeError(
    "BAD_REQUEST",
    `"${path.basename(file)}" is part ${number} of ${count} of a split model.`,
    hint,
  );
}

async function missingOf(files: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const file of files) if (!(await stat(file).catch(() => undefined))) missing.push(file);
  return missing;
}

const mostNamed = 3;

function partsMissing(file: string, missing: readonly string[], count: number): HoloscopeError {
  const names = missing.slice(0, mostNamed).map((part) => path.basename(part));
  const others = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : "";
  return new HoloscopeError(
    "FILE_MISSING",
    `Of the ${count} parts of "${path.basename(file)}" ${missing.length} ${missing.length === 1 ? "is" : "are"} missing: ${names.join(", ")}${others}.`,
    "Put all parts into one folder, under the names that they were published with.",
  );
}

function otherName(file: string, count: number): HoloscopeError {
  const name = path.basename(file);
  const stem = (splitNameOf(file)?.stem ?? name).replace(/\.gguf$/i, "");
  const digits = String(count).padStart(5, "0");
  return count > 1
    ? new HoloscopeError(
        "BAD_REQUEST",
        `"${name}" is part 1 of ${count} of a split model, but its name does not say so.`,
        `llama.cpp finds the other parts by their names: name it ${stem}-00001-of-${digits}.gguf, and the others likewise.`,
      )
    : new HoloscopeError(
        "BAD_REQUEST",
        `"${name}" is named as a part of a split model, but it is a whole one.`,
        `Name it ${stem}.gguf.`,
      );
}

function notOfThisModel(part: string, first: GgufHeader, reason: string): HoloscopeError {
  return new HoloscopeError(
    "NOT_A_GGUF",
    `"${path.basename(part)}" does not belong to "${path.basename(first.path)}": ${reason}.`,
    "Download all parts of the model again, from one place.",
  );
}
