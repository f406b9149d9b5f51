import { Busboy, type BusboyInstance } from "@fastify/busboy";
import type { Context } from "hono";
import { HoloscopeError, imageLimits } from "../contract/index.ts";
import { announcedLength, bodyLimits, eachChunk } from "./body.ts";
import type { ServerEnv } from "./gate.ts";
import { Gathered } from "./gathered.ts";
import type { ByteLease } from "./load.ts";

/** Most parts of a form, characters of a field's name, and bytes of its value. */
export const formLimits = { parts: 32, nameLength: 100, valueBytes: 64 * 1024 } as const;

/** A form with one file. */
export interface FileForm {
  readonly bytes: Buffer;
  /** Without folders; empty if the client sent none. */
  readonly fileName: string;
  /** The other fields; of a name that comes twice the last. */
  readonly values: ReadonlyMap<string, string>;
}

interface GrowingForm {
  readonly file: Gathered;
  fileName: string | undefined;
  readonly values: Map<string, string>;
  /** Why the form is refused. */
  problem: HoloscopeError | undefined;
}

function badForm(message: string, hint?: string): HoloscopeError {
  return new HoloscopeError("BAD_REQUEST", message, hint);
}

/**
 * Reads multipart/form-data with a file in one of `fileFields` while it arrives. Throws BAD_REQUEST,
 * PAYLOAD_TOO_LARGE, BUSY.
 */
export async function readFileForm(
  context: Context<ServerEnv>,
  fileFields: readonly string[],
  lease: ByteLease,
): Promise<FileForm> {
  const contentType = context.req.header("content-type") ?? "";
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw badForm("An upload must be multipart/form-data.", 'Try: curl -F "image=@screen.png"');
  }
  const form: GrowingForm = {
    file: new Gathered(announcedLength(context)),
    fileName: undefined,
    values: new Map(),
    problem: undefined,
  };
  const parser = formParser(contentType, form, fileFields);
  const finished = new Promise<void>((resolve) => {
    parser.once("finish", resolve);
    parser.once("error", () => {
      form.problem ??= badForm("The multipart body cannot be read.");
      resolve();
    });
  });
  await eachChunk(context, bodyLimits.multipart, lease, (chunk) => {
    if (form.problem !== undefined) throw form.problem;
    parser.write(chunk);
  });
  parser.end();
  await finished;
  if (form.problem !== undefined) throw form.problem;
  if (form.fileName === undefined) {
    throw badForm(`The form has no file in its field ${fileFields.map((name) => `"${name}"`).join(" or ")}.`);
  }
  return { bytes: form.file.take(), fileName: form.fileName, values: form.values };
}

/** Throws BAD_REQUEST for a content type without boundary. */
function formParser(contentType: string, form: GrowingForm, fileFields: readonly string[]): BusboyInstance {
  let parser: BusboyInstance;
  try {
    parser = new Busboy({
      headers: { "content-type": contentType },
      isPartAFile: (_name, type, fileName) => fileName !== undefined || type === "application/octet-stream",
      limits: {
        parts: formLimits.parts,
        fieldSize: formLimits.valueBytes,
        fileSize: imageLimits.maxBytes,
        headerPairs: 32,
        headerSize: 8 * 1024,
      },
    });
  } catch {
    throw badForm("The multipart body cannot be read.");
  }
  const refuse = (error: HoloscopeError): void => {
    form.problem ??= error;
  };
  parser.on("partsLimit", () => refuse(badForm(`A form may have up to ${formLimits.parts} parts.`)));
  // The parser's types do not say so, but a part may come without a name.
  parser.on("field", (name: string | undefined, value, _nameCut, valueCut) => {
    if (name === undefined) refuse(badForm("A field of the form has no name."));
    else if (name.length > formLimits.nameLength || valueCut)
      refuse(badForm(`The field "${name.slice(0, 40)}" of the form is too long.`));
    else form.values.set(name, value);
  });
  parser.on("file", (name, stream, fileName) => {
    const wanted = fileFields.includes(name);
    if (wanted && form.fileName !== undefined) refuse(badForm("The form has more than one file."));
    if (wanted) form.fileName ??= fileName ?? "";
    stream.on("data", (chunk: Buffer) => {
      if (wanted && form.problem === undefined) form.file.add(chunk);
    });
    stream.on("limit", () => refuse(new HoloscopeError("PAYLOAD_TOO_LARGE", "The image is too large.")));
    // The parser itself reports what is wrong.
    stream.on("error", () => {});
  });
  return parser;
}
