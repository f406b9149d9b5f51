import { HoloscopeError, imageLimits, type ParseRequest, parseOrThrow, parseRequestSchema } from "../contract/index.ts";

export type ParseFields = Omit<ParseRequest, "image">;

/** A POST /parse or /parse/upload, whichever way its image came. */
export interface ParseInput {
  readonly bytes: Uint8Array;
  readonly name?: string;
  readonly fields: ParseFields;
}

const fieldsSchema = parseRequestSchema.omit({ image: true });

/** The bytes of base64 text or of a base64 data URL. Throws BAD_REQUEST, PAYLOAD_TOO_LARGE. */
export function decodeBase64Image(text: string): Uint8Array {
  const comma = text.startsWith("data:") ? text.indexOf(",") : -1;
  if (text.startsWith("data:") && !/^data:[^,]*;base64$/i.test(text.slice(0, Math.max(comma, 0)))) {
    throw new HoloscopeError("BAD_REQUEST", 'The image\'s data URL must look like "data:image/png;base64,...".');
  }
  const encoded = text.slice(comma + 1);
  // Node skips characters that are not base64 without a word; a file path sent by mistake would become noise.
  if (!/^[A-Za-z0-9+/_\s-]*[=\s]*$/.test(encoded)) {
    throw new HoloscopeError("BAD_REQUEST", "The image is neither base64 nor a data URL.");
  }
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.byteLength > imageLimits.maxBytes) {
    throw new HoloscopeError("PAYLOAD_TOO_LARGE", `The image is larger than ${imageLimits.maxBytes / 2 ** 20} MiB.`);
  }
  return bytes;
}

/** Throws BAD_REQUEST naming the first wrong field. */
export function parseJsonRequest(body: unknown): ParseInput {
  const { image, ...fields } = parseOrThrow(parseRequestSchema, body, "BAD_REQUEST", "The request");
  return { bytes: decodeBase64Image(image), fields };
}

const booleans: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

/** A form knows only text: what reads as a boolean or number of that field becomes one; the schema judges the rest. */
function formValue(name: string, text: string): unknown {
  if (name === "detect_multiple" || name === "include_som" || name === "return_raw_outputs") {
    return booleans[text.toLowerCase()] ?? text;
  }
  if (name === "max_detections" || name === "min_confidence") {
    return text.trim() === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text);
  }
  return text === "" ? undefined : text;
}

/** Reads multipart/form-data with a file field "image" or "file". Throws BAD_REQUEST. */
export async function parseUploadRequest(body: Buffer, contentType: string | undefined): Promise<ParseInput> {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? "")) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      "An upload must be multipart/form-data.",
      'Try: curl -F "image=@screen.png"',
    );
  }
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { "Content-Type": contentType ?? "" } }).formData();
  } catch {
    throw new HoloscopeError("BAD_REQUEST", "The multipart body cannot be read.");
  }
  const file = form.get("image") ?? form.get("file");
  if (!(file instanceof File)) {
    throw new HoloscopeError("BAD_REQUEST", 'The form has no file in its field "image" or "file".');
  }
  const values = [...form.entries()].flatMap(([name, value]) =>
    typeof value === "string" ? [[name, formValue(name, value)] as const] : [],
  );
  return {
    bytes: new Uint8Array(await file.arrayBuffer()),
    ...(file.name === "" ? {} : { name: file.name.slice(-255) }),
    fields: parseOrThrow(fieldsSchema, Object.fromEntries(values), "BAD_REQUEST", "The form"),
  };
}
