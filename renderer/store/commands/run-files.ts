import { type RunSummary, runSchemaName } from "../../../app/contract/index.ts";
import { applyFinished } from "../../logic/run-view.ts";
import type { TextFile, TextHandler } from "../file-intake.ts";
import { HostCommands } from "../host-commands.ts";
import { withImage } from "../images-slice.ts";
import { withHistory } from "../runs-slice.ts";

/** Opens stored runs, and takes in run files from other machines. */
export class RunFilesCommands extends HostCommands implements TextHandler {
  recognises({ value }: TextFile): boolean {
    return typeof value === "object" && value !== null && Reflect.get(value, "schema") === runSchemaName;
  }

  /** Stores each file with the host, then shows the first of them. */
  async take(files: readonly TextFile[]): Promise<void> {
    let first: RunSummary | undefined;
    for (const { name, text } of files) {
      const summary = await this.attempt(name, () => this.client.call("runs.import", { json: text }));
      first ??= summary;
    }
    if (first !== undefined) await this.open(first.id);
  }

  /** Shows a stored run with its image. The image may be missing here: its size is in the record all the same. */
  async open(runId: string): Promise<void> {
    await this.attempt("Open run", async () => {
      const record = await this.client.call("runs.get", { runId });
      const { image } = record;
      this.change("images", (images) => ({ ...withImage(images, image), currentId: image.id }));
      this.change("runs", (runs) => ({
        ...runs,
        byId: applyFinished(runs.byId, record),
        shown: { ...runs.shown, [image.id]: runId },
      }));
      this.selection.clear();
      this.patch("screen", { current: "image" });
      const history = await this.client.call("runs.list", { imageId: image.id });
      this.change("runs", (runs) => withHistory(runs, image.id, history));
    });
  }
}
