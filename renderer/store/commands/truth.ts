import type { EventPayload } from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { plural } from "../../model/format.ts";
import { invalidTruth, type TruthDocument } from "../../model/truth/document.ts";
import type { MatchRule } from "../../model/truth/match.ts";
import { nextMistake } from "../../model/truth/mistakes.ts";
import { placeTruth } from "../../model/truth/place.ts";
import { readTruth, truthKind } from "../../model/truth/read-truth.ts";
import { type AppStore, patch, update } from "../app-store.ts";
import { type JsonFile, type JsonHandler, readJson } from "../file-intake.ts";
import { currentImage } from "../selectors.ts";
import { currentMistakes, currentTruth } from "../truth-selectors.ts";
import { type Outcome, withTruth } from "../truth-slice.ts";
import type { SelectionCommands } from "./selection.ts";
import type { UndoCommands } from "./undo-commands.ts";
import type { WindowCommands } from "./window.ts";

/** The value of the results' tab for ground truth. */
export const truthTab = "truth";

interface Neighbours {
  readonly selection: SelectionCommands;
  readonly undoing: UndoCommands;
  readonly window: WindowCommands;
}

/** Ground truth beside images: taking it in, measuring with it, going from mistake to mistake. */
export class TruthCommands implements JsonHandler {
  /** What files said of images that are not open (yet). */
  private waiting: readonly TruthDocument[] = [];

  constructor(
    private readonly client: WindowClient,
    private readonly store: AppStore,
    private readonly others: Neighbours,
    private readonly report: (error: unknown, about?: string) => void,
  ) {
    store.subscribe(({ images }, before) => {
      if (images.order === before.images.order) return;
      for (const id of images.order) if (before.images.byId[id] === undefined) void this.imageOpened(id);
    });
  }

  recognises(value: unknown): boolean {
    return truthKind(value) !== undefined;
  }

  /** Gives open images the truth that the files have for them; what is about others waits for those. */
  async take(files: readonly Omit<JsonFile, "text">[]): Promise<void> {
    for (const { name, value } of files) {
      try {
        await this.takeDocument(readTruth(value, name));
      } catch (error) {
        this.report(error, name);
      }
    }
  }

  /** As `take`, for files that were chosen as ground truth. A run file is taken as such here. */
  async openFiles(files: readonly File[]): Promise<void> {
    for (const file of files) {
      try {
        await this.take([await readJson(file)]);
      } catch (error) {
        this.report(error, file.name);
      }
    }
  }

  /** Removes the truth of an image; can be undone. */
  async clear(imageId: string): Promise<void> {
    const { images, truth } = this.store.getState();
    const before = truth.byImage[imageId];
    if (before === undefined) return;
    try {
      await this.client.call("truth.clear", { imageId });
      this.changed({ imageId, truth: null });
      this.others.undoing.did(`Removed the ground truth of ${images.byId[imageId]?.name ?? "the image"}`, async () => {
        this.changed({ imageId, truth: await this.client.call("truth.set", { imageId, truth: before }) });
      });
    } catch (error) {
      this.report(error, "Ground truth");
    }
  }

  /** Takes in what the host says. */
  changed({ imageId, truth }: EventPayload<"truth.changed">): void {
    if (this.store.getState().images.byId[imageId] === undefined) return;
    update(this.store, "truth", (state) => withTruth(state, imageId, truth));
  }

  setRule(change: Partial<MatchRule>): void {
    update(this.store, "truth", (truth) => ({ ...truth, rule: { ...truth.rule, ...change } }));
  }

  toggleOutcome(outcome: Outcome): void {
    update(this.store, "truth", (truth) => ({
      ...truth,
      hidden: truth.hidden.includes(outcome)
        ? truth.hidden.filter((each) => each !== outcome)
        : [...truth.hidden, outcome],
    }));
  }

  showTables(tablesOpen: boolean): void {
    patch(this.store, "truth", { tablesOpen });
  }

  /** Goes to the next mistake of the shown image, or the one before. */
  jump(step: 1 | -1): void {
    const state = this.store.getState();
    const next = nextMistake(currentMistakes(state), state.truth.focus?.mistakeId, step);
    if (next !== undefined) this.goTo(next.id);
  }

  /** Selects a mistake and zooms to it. */
  goTo(mistakeId: string): void {
    const state = this.store.getState();
    const mistake = currentMistakes(state).find(({ id }) => id === mistakeId);
    if (mistake === undefined) return;
    this.others.selection.select(mistake.detectionId);
    patch(this.store, "truth", { focus: { mistakeId, jump: (state.truth.focus?.jump ?? 0) + 1 } });
  }

  private async takeDocument(document: TruthDocument): Promise<void> {
    const state = this.store.getState();
    const open = state.images.order.map((id) => state.images.byId[id]).filter((image) => image !== undefined);
    const { placed, waiting, problems } = placeTruth(document, open, currentImage(state));
    for (const { about, error } of problems) this.report(error, about);
    if (waiting.length > 0) this.waiting = [{ ...document, images: waiting }, ...this.waiting];
    if (placed.length === 0 && problems.length === 0) throw noneOpen(document);
    for (const { imageId, truth } of placed) {
      this.changed({ imageId, truth: await this.client.call("truth.set", { imageId, truth }) });
    }
    if (placed.length === 0) return;
    if (currentTruth(this.store.getState()) !== undefined) this.others.window.remember({ sideTab: truthTab });
    const rest = waiting.length > 0 ? `; not open: ${waiting.length}` : "";
    this.others.undoing.say(`Ground truth for ${plural(placed.length, "image")}${rest}`);
  }

  /** Fetches what the host keeps for an image, or gives it what a file had for it before it was open. */
  private async imageOpened(imageId: string): Promise<void> {
    try {
      const { truth } = await this.client.call("truth.get", { imageId });
      const image = this.store.getState().images.byId[imageId];
      if (truth !== null) this.changed({ imageId, truth });
      if (truth !== null || image === undefined) return;
      for (const document of this.waiting) {
        const [found] = placeTruth(document, [image], undefined).placed;
        if (found === undefined) continue;
        this.changed({ imageId, truth: await this.client.call("truth.set", found) });
        return;
      }
    } catch (error) {
      this.report(error, "Ground truth");
    }
  }
}

function noneOpen({ images }: TruthDocument) {
  const [first, second] = images.map(({ name, imageId }) => `"${name ?? imageId?.slice(0, 8) ?? "?"}"`);
  if (first === undefined) return invalidTruth("The file is about no image.", "Choose a file that lists images.");
  const names = [first, ...(second === undefined ? [] : [second])].join(", ");
  const more = images.length > 2 ? `, and ${images.length - 2} more` : "";
  return invalidTruth(
    `The file is about ${images.length === 1 ? "an image" : "images"} that ${images.length === 1 ? "is" : "are"} not open: ${names}${more}.`,
    "Open the screenshot of that file name: it then gets its ground truth.",
  );
}
