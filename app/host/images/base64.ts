import { HoloscopeError, imageLimits } from "../../contract/index.ts";
import { formatBytes } from "../../presentation/numbers.ts";

/** Longest beginning of a data URL, in characters. */
export const maxDataUrlHead = 256;

/** The bytes of base64 text or of a base64 data URL. Throws BAD_REQUEST, PAYLOAD_TOO_LARGE. */
export function decodeBase64Image(text: string): Uint8Array {
  const encoded = text.slice(dataUrlHeadLength(text));
  // Node silently skips characters that are not base64; a file path sent by mistake would be decoded to noise.
  const padding = encoded.indexOf("=");
  if (/[^A-Za-z0-9+/_\s=-]/.test(encoded) || (padding >= 0 && /[^=\s]/.test(encoded.slice(padding)))) {
    throw new HoloscopeError("BAD_REQUEST", "The image is neither base64 nor a data URL.");
  }
  return withinImageLimit(Buffer.from(encoded, "base64"));
}

/** 0 for text that is no data URL. Throws BAD_REQUEST for other URLs and for data URLs that are not base64. */
export function dataUrlHeadLength(text: string): number {
  const head = text.slice(0, maxDataUrlHead);
  if (/^\s*(?:https?|ftp|file|blob|content):/i.test(head)) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      "The image is a URL, and URLs are never fetched.",
      "Send the image's bytes in base64, or as a file.",
    );
  }
  if (!/^data:/i.test(head)) return 0;
  const comma = head.indexOf(",");
  if (comma < 0 || !/;base64$/i.test(head.slice(0, comma))) {
    throw new HoloscopeError("BAD_REQUEST", 'The image\'s data URL must look like "data:image/png;base64,...".');
  }
  return comma + 1;
}

/** The same bytes. Throws PAYLOAD_TOO_LARGE for more than an image may have. */
export function withinImageLimit(bytes: Buffer): Uint8Array {
  if (bytes.byteLength <= imageLimits.maxBytes) return bytes;
  throw new HoloscopeError("PAYLOAD_TOO_LARGE", `The image is larger than ${formatBytes(imageLimits.maxBytes)}.`);
}
