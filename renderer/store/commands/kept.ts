import { defined, maxListedRuns, type RemovedData } from "../../../app/contract/index.ts";
import { plural } from "../../../app/presentation/numbers.ts";
import { removedFigures } from "../../../app/presentation/texts.ts";
import { withoutItemsOf } from "../../logic/batch/batch.ts";
import { withoutCompared } from "../compare-slice.ts";
import { HostCommands } from "../host-commands.ts";
import { withoutImage } from "../images-slice.ts";
import type { AskedImage, DeletionQuestion } from "../kept-slice.ts";
import { libraryRuns, libraryTargets } from "../library-slice.ts";
import { withoutRunsOf } from "../runs-slice.ts";
import { withoutTruthOf } from "../truth-slice.ts";

/** What is kept of screenshots and runs: how much it is, and removing it for good. */
export class KeptCommands extends HostCommands {
  /** Images whose deletion was asked for in this window, which need not be told when they go. */
  readonly #asked = new Set<string>();
  /** Number of the last question for the figures; answers to earlier ones are dropped. */
  #reading = 0;

  /** Asks the host how much is kept. */
  async read(): Promise<void> {
    const reading = ++this.#reading;
    const usage = await this.attempt("Storage", () => this.client.call("storage.usage", {}));
    if (usage !== undefined && reading === this.#reading) this.patch("kept", { usage });
  }

  /** Follows what the host tells, as long as the figures are on screen. */
  changed(): void {
    if (this.state.screen.current === "settings") void this.read();
  }

  /** Removes now what the settings no longer keep. */
  async tidy(): Promise<void> {
    await this.attempt("Tidy", async () => this.#say("Removed", await this.client.call("storage.tidy", {})));
    this.changed();
  }

  /** Asks the user whether an image and all its runs are to be deleted. */
  async askImage(image: AskedImage): Promise<void> {
    await this.#askImages([image]);
  }

  /** As `askImage`, for the images of the library's selected runs. */
  async askSelected(): Promise<void> {
    const { library } = this.state;
    const selected = new Set(libraryTargets(library));
    const runs = libraryRuns(library).filter(({ id }) => selected.has(id));
    const images = new Map(runs.map(({ imageId: id, imageName }) => [id, { id, ...defined({ name: imageName }) }]));
    await this.#askImages([...images.values()], runs.length);
  }

  /** Asks the user whether everything is to be deleted. */
  async askAll(): Promise<void> {
    await this.attempt("Storage", async () =>
      this.#ask({ kind: "all", kept: await this.client.call("storage.usage", {}) }),
    );
  }

  /** Deletes nothing. */
  dismiss(): void {
    this.#ask(undefined);
  }

  /** Deletes what the user was asked about. */
  async confirm(): Promise<void> {
    const { question } = this.state.kept;
    this.dismiss();
    if (question?.kind === "all") {
      await this.#delete(this.state.images.order, () => this.client.call("storage.clear", {}));
    } else if (question !== undefined) {
      const ids = question.images.map(({ id }) => id);
      await this.#delete(ids, () => this.client.call("images.delete", { ids }));
    }
    this.changed();
  }

  /** Closes images that are gone, without an undo, and forgets whatever the window knows of them. */
  removed(ids: readonly string[]): void {
    const gone = new Set(ids);
    const { images, screen, repeat } = this.state;
    const closed = images.order.filter((id) => gone.has(id));
    this.#tell(closed.filter((id) => !this.#asked.has(id)));
    for (const id of ids) this.#asked.delete(id);
    this.undo.forget(gone);
    for (const id of closed) {
      this.change("images", (state) => withoutImage(state, id));
      this.change("runs", (state) => withoutRunsOf(state, id));
    }
    if (images.currentId !== this.state.images.currentId) this.selection.clear();
    this.change("truth", (truth) => withoutTruthOf(truth, gone));
    this.change("batch", (batch) => withoutItemsOf(batch, gone));
    if (repeat.series !== undefined && gone.has(repeat.series.imageId)) this.patch("repeat", { series: undefined });
    this.change("compare", (compare) => withoutCompared(compare, gone));
    if (screen.current === "compare" && this.state.compare.records.length === 0)
      this.patch("screen", { current: "image" });
    void this.#replaceSamples(gone);
    this.changed();
  }

  async #askImages(images: readonly AskedImage[], selected?: number): Promise<void> {
    const [first, ...others] = images;
    if (first === undefined) return;
    const ids = new Set(images.map(({ id }) => id));
    await this.attempt("Delete", async () => {
      const one = others.length === 0 ? { imageId: first.id } : {};
      const listed = await this.client.call("runs.list", { ...one, limit: maxListedRuns });
      const runs = listed.filter(({ imageId }) => ids.has(imageId)).length;
      this.#ask({ kind: "images", images, runs, selected });
    });
  }

  #ask(question: DeletionQuestion | undefined): void {
    this.patch("kept", { question });
  }

  async #delete(imageIds: readonly string[], deletion: () => Promise<RemovedData>): Promise<void> {
    for (const id of imageIds) this.#asked.add(id);
    const removed = await this.attempt("Delete", deletion);
    if (removed === undefined) for (const id of imageIds) this.#asked.delete(id);
    else this.#say("Deleted", removed);
  }

  #say(what: "Deleted" | "Removed", removed: RemovedData): void {
    const nothing = removed.images === 0 && removed.runs === 0;
    this.undo.say(nothing ? "Nothing to remove" : `${what} ${removedFigures(removed)}`);
  }

  /** Says why images close that this window has not asked to delete. */
  #tell(ids: readonly string[]): void {
    const [first] = ids;
    if (first === undefined) return;
    const name = this.state.images.byId[first]?.name ?? "a pasted image";
    this.undo.say(`Closed ${ids.length === 1 ? name : plural(ids.length, "screenshot")}: no longer kept`);
  }

  /** The samples come with the application: asked for again, they are stored again. */
  async #replaceSamples(gone: ReadonlySet<string>): Promise<void> {
    const { samples } = this.state.images;
    if (!samples.some(({ id }) => gone.has(id))) return;
    this.patch("images", { samples: samples.filter(({ id }) => !gone.has(id)) });
    const again = await this.attempt("Samples", () => this.client.call("images.samples", {}));
    if (again !== undefined) this.patch("images", { samples: again });
  }
}
