import { HoloscopeError, type RunSummary, runSchemaName } from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { runFromRecord } from "../../model/run-view.ts";
import { type AppStore, patch, update } from "../app-store.ts";
import type { JsonFile, JsonHandler } from "../file-intake.ts";
import { withImage } from "../images-slice.ts";
import { withHistory } from "../runs-slice.ts";
import { SelectionCommands } from "./selection.ts";

/** Opens stored runs, and takes in run files from other machines. */
export class RunFiles implements JsonHandler {
  constructor(
    private readonly client: WindowClient,
    private readonly store: AppStore,
    private readonly report: (error: unknown, about?: string) => void,
  ) {}

  recognises(value: unknown): boolean {
    return typeof value === "object" && value !== null && Reflect.get(value, "schema") === runSchemaName;
  }

  /** Stores each file with the host, then shows the first of them. */
  async take(files: readonly JsonFile[]): Promise<void> {
    let first: RunSummary | undefined;
    for (const { name, text } of files) {
      try {
        const summary = await this.client.call("runs.import", { json: text });
        first ??= summary;
      } catch (error) {
        this.report(error, name);
      }
    }
    if (first !== undefined) await this.open(first.id);
  }

  /** Shows a stored run with its image. The image may be missing here: its size is in the record all the same. */
  async open(runId: string): Promise<void> {
    try {
      const record = await this.client.call("runs.get", { runId });
      const { image } = record;
      update(this.store, "images", (images) => ({ ...withImage(images, image), currentId: image.id }));
      update(this.store, "runs", (runs) => ({
        ...runs,
        byId: { ...runs.byId, [runId]: runFromRecord(record, runs.byId[runId]) },
        shown: { ...runs.shown, [image.id]: runId },
      }));
      new SelectionCommands(this.store).clear();
      patch(this.store, "screen", { current: "image" });
      const history = await this.client.call("runs.list", { imageId: image.id });
      update(this.store, "runs", (runs) => withHistory(runs, image.id, history));
    } catch (error) {
      this.report(HoloscopeError.from(error), "Open run");
    }
  }
}
