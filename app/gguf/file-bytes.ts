import type { FileHandle } from "node:fs/promises";

/** Bytes from `position` on, as many as there are up to `length`: a single read may give fewer than it was asked for. */
export async function readSome(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, await readInto(file, buffer, position));
}

/** Fills the buffer from `position` on; gives the bytes read, fewer only at the file's end. */
export async function readInto(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** Writes the whole buffer at `position`: a single write may take less than it was given. */
export async function writeAll(file: FileHandle, buffer: Buffer, position: number): Promise<void> {
  for (let done = 0; done < buffer.length; ) {
    const { bytesWritten } = await file.write(buffer, done, buffer.length - done, position + done);
    done += bytesWritten;
  }
}
