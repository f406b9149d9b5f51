import type { ImageFormat } from "../../contract/index.ts";

/** What the first bytes of a file say it is. */
export type SniffedFormat =
  | { readonly kind: "supported"; readonly format: ImageFormat }
  /** A known format that Holoscope does not open; `name` is for the message. */
  | { readonly kind: "unsupported"; readonly name: string }
  | { readonly kind: "unknown" };

/** {@link sniffFormat} looks at no more than the first bytes. */
const headBytes = 512;

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(from, to).toString("latin1");

const otherSignatures: readonly (readonly [signature: string, name: string])[] = [
  ["BM", "BMP"],
  ["II*\0", "TIFF"],
  ["MM\0*", "TIFF"],
  ["II+\0", "BigTIFF"],
  ["MM\0+", "BigTIFF"],
  ["%PDF", "PDF"],
  ["\0\0\x01\0", "ICO"],
  ["8BPS", "Photoshop"],
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\0\0\0\x0cjP  ", "JPEG 2000"],
  ["qoif", "QOI"],
];

/**
 * Tells a file's format from its signature, never from its name, so that only the decoders of the supported formats ever
 * see its bytes. Sources: the formats' specifications; AVIF is ISO-BMFF with the brand avif or avis.
 */
export function sniffFormat(bytes: Uint8Array): SniffedFormat {
  const head = ascii(bytes, 0, headBytes);
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return supported("png");
  if (head.startsWith("\xff\xd8\xff")) return supported("jpeg");
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return supported("gif");
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return supported("webp");
  if (head.slice(4, 8) === "ftyp") {
    const brands = head.slice(8, Math.min(headBytes, 8 + Math.max(24, bytes[3] ?? 0)));
    if (/avi[fs]/.test(brands)) return supported("avif");
    return { kind: "unsupported", name: /hei[cxms]|mif1/.test(brands) ? "HEIC" : "video" };
  }
  const other = otherSignatures.find(([signature]) => head.startsWith(signature));
  if (other !== undefined) return { kind: "unsupported", name: other[1] };
  if (/^\s*(?:\xef\xbb\xbf\s*)?(?:<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(head))
    return { kind: "unsupported", name: "SVG" };
  return { kind: "unknown" };
}

const supported = (format: ImageFormat): SniffedFormat => ({ kind: "supported", format });
