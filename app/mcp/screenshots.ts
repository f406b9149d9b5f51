import path from "node:path";
import { HoloscopeError, type ImageRef, type ToolImage } from "../contract/index.ts";
import { decodeBase64Image } from "../host/images/base64.ts";
import type { Host } from "../host/types.ts";
import { formatCount } from "../presentation/numbers.ts";

/**
 * Characters of a path at most, which is as long as Linux takes. More is base64 in the wrong place: that of a JPEG begins
 * with "/9j/", as an absolute path might.
 */
const maxPathLength = 4096;

/** Stores the screenshots that a client gives, as the command line does, and remembers which was the last. */
export class Screenshots {
  readonly #host: Host;
  #last: Promise<ImageRef> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * "last" means the one that was given in the call before, even while that is still being stored.
   * Throws BAD_REQUEST, PAYLOAD_TOO_LARGE, and what `images.add` and `images.addPath` throw.
   */
  take(given: ToolImage): Promise<ImageRef> {
    if (given === "last") return this.#again(this.#last);
    this.#last = this.#store(given);
    return this.#last;
  }

  /** As it is now: its scale may have been set meanwhile, or it may have been deleted. */
  async #again(last: Promise<ImageRef> | undefined): Promise<ImageRef> {
    if (last === undefined) {
      throw new HoloscopeError(
        "BAD_REQUEST",
        "No screenshot was given in this session yet.",
        'Give one by its path or in base64; after that "last" means it.',
      );
    }
    const { id } = await last.catch(() => {
      // The one before it is not what the client means.
      throw new HoloscopeError("BAD_REQUEST", "The last screenshot could not be read.", "Give it again.");
    });
    return this.#host.call("images.get", { id });
  }

  async #store(given: Exclude<ToolImage, "last">): Promise<ImageRef> {
    if ("base64" in given) return this.#host.call("images.add", { bytes: decodeBase64Image(given.base64) });
    const { path: file } = given;
    if (file.length > maxPathLength) {
      throw new HoloscopeError(
        "BAD_REQUEST",
        `A path of ${formatCount(file.length)} characters is none.`,
        'Give base64 under "base64".',
      );
    }
    // The folder that a client starts this program in is of its own choosing.
    if (path.isAbsolute(file)) return this.#host.call("images.addPath", { path: file });
    throw new HoloscopeError(
      "BAD_REQUEST",
      `"${file}" is not an absolute path.`,
      'Give the whole path, or base64 under "base64".',
    );
  }
}
