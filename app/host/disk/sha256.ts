import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 of a file in hex, read in pieces of 1 MB. Rejects if it cannot be read or the signal fires. */
export async function sha256OfFile(
  file: string,
  signal: AbortSignal,
  onProgress: (bytesDone: number) => void = () => {},
): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024, signal })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    onProgress(bytes);
  }
  return hash.digest("hex");
}
