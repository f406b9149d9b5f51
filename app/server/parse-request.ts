import type { Context } from "hono";
import type { z } from "zod";
import {
  HoloscopeError,
  type ParseFields,
  parseFieldsSchema,
  parseOrThrow,
  parseRequestSchema,
} from "../contract/index.ts";
import { dataUrlHeadLength, decodeBase64Image, maxDataUrlHead, withinImageLimit } from "../host/images/base64.ts";
import { jsonOf } from "./body.ts";
import type { ServerEnv } from "./gate.ts";
import type { ByteBudget, ByteLease } from "./load.ts";
import { cutLongImage, decodeInPieces, leftOut } from "./long-image.ts";
import { readFileForm } from "./multipart.ts";

/** A POST /parse or /parse/upload, however its image was sent. */
export interface ParseInput {
  readonly bytes: Uint8Array;
  readonly name?: string;
  readonly fields: ParseFields;
}

/** The request in a JSON body, and the bytes of its image. Throws BAD_REQUEST, PAYLOAD_TOO_LARGE. */
export function imageRequest<T extends { readonly image: string }>(
  schema: z.ZodType<T>,
  body: Buffer,
): { readonly request: T; readonly bytes: Uint8Array } {
  const cut = cutLongImage(body);
  const request = parseOrThrow(schema, jsonOf(cut?.rest ?? body), "BAD_REQUEST", "The request");
  const isCut = cut !== undefined && request.image === leftOut;
  return { request, bytes: isCut ? decodeLongImage(cut.image) : decodeBase64Image(request.image) };
}

function decodeLongImage(image: Buffer): Uint8Array {
  const base64 = image.subarray(dataUrlHeadLength(image.toString("latin1", 0, maxDataUrlHead)));
  const bytes = decodeInPieces(base64);
  return bytes === undefined ? decodeBase64Image(image.toString("latin1")) : withinImageLimit(bytes);
}

/** Throws BAD_REQUEST naming the first wrong field. */
export function parseJsonRequest(body: Buffer): ParseInput {
  const { request, bytes } = imageRequest(parseRequestSchema, body);
  const { image: _image, ...fields } = request;
  return { bytes, fields };
}

/** Throws BAD_REQUEST for a query: what it says would go unheard. */
export function refuseQuery(context: Context<ServerEnv>): void {
  const [name] = Object.keys(context.req.queries());
  if (name === undefined) return;
  throw new HoloscopeError(
    "BAD_REQUEST",
    `This address takes no query, but "${name.slice(0, 40)}" was sent in one.`,
    "Send it as a field of the JSON body.",
  );
}

/** The fields that the query names; of a name that comes twice the last. Throws BAD_REQUEST for an unknown one. */
function queryFields(context: Context<ServerEnv>): Record<string, string | undefined> {
  const given = Object.entries(context.req.queries());
  for (const [name] of given) {
    if (Object.hasOwn(parseFieldsSchema.shape, name)) continue;
    const known = Object.keys(parseFieldsSchema.shape).join(", ");
    throw new HoloscopeError("BAD_REQUEST", `There is no parameter "${name.slice(0, 40)}".`, `There are: ${known}.`);
  }
  return Object.fromEntries(given.map(([name, values]) => [name, values.at(-1)]));
}

/** Reads an upload and has it used; its bytes count as held until then. Throws what `readUpload` and `use` throw. */
export async function withUpload<T>(
  context: Context<ServerEnv>,
  budget: ByteBudget,
  use: (input: ParseInput) => Promise<T>,
): Promise<T> {
  const lease = budget.lease();
  try {
    return await use(await readUpload(context, lease));
  } finally {
    lease.end();
  }
}

/**
 * Reads an upload: the file in the form's field "file" or "image", the fields in the query, where the original takes
 * them, or in the form; the query goes first. Other fields of the form are left alone, as the original does. Throws
 * BAD_REQUEST, PAYLOAD_TOO_LARGE, BUSY.
 */
async function readUpload(context: Context<ServerEnv>, lease: ByteLease): Promise<ParseInput> {
  const query = queryFields(context);
  const { bytes, fileName, values } = await readFileForm(context, ["file", "image"], lease);
  // An empty field of a form is one that was not filled in.
  const filled = [...values].filter(([, value]) => value !== "");
  const fields = { ...Object.fromEntries(filled), ...query };
  return {
    bytes,
    ...(fileName === "" ? {} : { name: fileName.slice(-255) }),
    fields: parseOrThrow(parseFieldsSchema, fields, "BAD_REQUEST", "The form"),
  };
}
