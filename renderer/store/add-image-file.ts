import { HoloscopeError, type ImageRef, imageLimits } from "../../app/contract/index.ts";
import { formatBytes } from "../../app/presentation/numbers.ts";
import type { WindowClient } from "../client/client.ts";

/** Stores a file's image with the host. Rejects before anything is sent if the file is too large, in bytes. */
export async function addImageFile(client: WindowClient, file: File): Promise<ImageRef> {
  if (file.size > imageLimits.maxBytes) {
    throw new HoloscopeError(
      "IMAGE_TOO_LARGE",
      `The file has ${formatBytes(file.size)}; at most ${formatBytes(imageLimits.maxBytes)} are accepted.`,
      "Save the screenshot as a smaller PNG, JPEG or WebP.",
    );
  }
  return client.addFile(file, file.name === "" ? undefined : file.name);
}
