/** From this length on an image's text is kept out of the JSON that is parsed, in bytes. */
const longBytes = 64 * 1024;
/** Texts of a request that are looked at; the known fields have fewer. */
const lookedAt = 64;
/** Stands for the image's text in the JSON. */
export const leftOut = "the image's text, left out";
/** Characters that are decoded at a time; a multiple of four, so that pieces of base64 can be decoded by themselves. */
const pieceLength = 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;

/** Where the JSON text that begins at `open` ends; undefined if it does not. */
function closingQuote(json: Buffer, open: number): number | undefined {
  for (let at = json.indexOf(quote, open + 1); at >= 0; at = json.indexOf(quote, at + 1)) {
    let before = at;
    while (json[before - 1] === backslash) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return undefined;
}

function isImageField(json: Buffer, open: number): boolean {
  return /"image"\s{0,8}:\s{0,8}$/.test(json.toString("latin1", Math.max(0, open - 32), open));
}

/**
 * Takes the long text of the field "image" out of a JSON body, so that an image of many MB is never a JavaScript string:
 * parsed as one it would be held several times over. undefined where there is none, or its text has escapes.
 */
export function cutLongImage(json: Buffer): { readonly rest: Buffer; readonly image: Buffer } | undefined {
  let at = 0;
  for (let count = 0; count < lookedAt; count += 1) {
    const open = json.indexOf(quote, at);
    const close = open < 0 ? undefined : closingQuote(json, open);
    if (close === undefined) return undefined;
    const image = json.subarray(open + 1, close);
    if (image.length >= longBytes && isImageField(json, open)) {
      if (image.includes(backslash)) return undefined;
      const rest = Buffer.concat([json.subarray(0, open + 1), Buffer.from(leftOut), json.subarray(close)]);
      return { rest, image };
    }
    at = close + 1;
  }
  return undefined;
}

/** The bytes of base64 without spaces, plain or URL-safe; undefined if anything else is in it. */
export function decodeInPieces(base64: Buffer): Buffer | undefined {
  let end = base64.length;
  while (base64[end - 1] === 0x3d) end -= 1;
  const bytes = Buffer.allocUnsafeSlow(Math.floor((end * 3) / 4));
  let written = 0;
  for (let at = 0; at < end; at += pieceLength) {
    const piece = base64.toString("latin1", at, Math.min(at + pieceLength, end));
    if (/[^A-Za-z0-9+/_-]/.test(piece)) return undefined;
    written += bytes.write(piece, written, "base64");
  }
  return bytes.subarray(0, written);
}
