import { HostCommands } from "../host-commands.ts";
import { withImageChanged } from "../images-slice.ts";

/** Changes of what is known of an image. */
export class ImagesCommands extends HostCommands {
  /** Sets the scale of an open image, which stays with the image; null guesses it again. */
  async setScale(id: string, scale: number | null): Promise<void> {
    const image = await this.attempt("Scale", () => this.client.call("images.setScale", { id, scale }));
    if (image !== undefined) this.change("images", (images) => withImageChanged(images, image));
  }
}
