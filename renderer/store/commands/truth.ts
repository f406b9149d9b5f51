import type { EventPayload } from "../../../app/contract/index.ts";
import { plural } from "../../../app/presentation/numbers.ts";
import { isClassFile, readClassNames } from "../../../app/truth/class-names.ts";
import {
  type DocumentImage,
  imageTitle,
  invalidTruth,
  skipsText,
  type TruthDocument,
} from "../../../app/truth/document.ts";
import { isYolo } from "../../../app/truth/formats/yolo.ts";
import type { MatchRule } from "../../../app/truth/match.ts";
import { type Doubt, type PlacedTruth, placeTruth, readAs, type TruthChoice } from "../../../app/truth/place.ts";
import { mayBeTruth, readTruth, readTruthValue, truthKind } from "../../../app/truth/read-truth.ts";
import type { Reading } from "../../../app/truth/units.ts";
import { nextMistake } from "../../logic/truth/mistakes.ts";
import { readText, type TextFile, type TextHandler } from "../file-intake.ts";
import { HostCommands, type Reach } from "../host-commands.ts";
import { currentImage } from "../selectors.ts";
import { currentMistakes, currentTruth } from "../truth-selectors.ts";
import { type Outcome, type TruthQuestion, withTruth } from "../truth-slice.ts";

/** The value of the results' tab for ground truth. */
export const truthTab = "truth";

/** What a file said of images that are not open (yet), and what the user said of the file. */
interface Waiting {
  readonly document: TruthDocument;
  readonly choice: TruthChoice;
}

/** Ground truth beside images: taking it in, measuring with it, going from mistake to mistake. */
export class TruthCommands extends HostCommands implements TextHandler {
  #waiting: readonly Waiting[] = [];

  constructor(reach: Reach) {
    super(reach);
    this.store.subscribe(({ images }, before) => {
      if (images.order === before.images.order) return;
      for (const id of images.order) if (before.images.byId[id] === undefined) void this.#imageOpened(id);
    });
  }

  recognises({ value, text, name }: TextFile): boolean {
    return value === undefined ? mayBeTruth(text, name) : truthKind(value) !== undefined;
  }

  /**
   * Gives open images the truth that the files have for them; what is about others waits for those, and what cannot be
   * right is asked about. A file that names classes is for the label files beside it.
   */
  async take(files: readonly TextFile[]): Promise<void> {
    let classes: readonly string[] = [];
    const lists = files.filter(({ name, text }) => isClassFile(name) && !isYolo(text));
    for (const { name, text } of lists) {
      await this.attempt(name, async () => {
        classes = await readClassNames(text, name);
      });
    }
    const rest = files.filter((file) => !lists.includes(file));
    if (rest.length === 0 && classes.length > 0) {
      this.undo.say("These are the classes of YOLO label files; drop them together");
    }
    for (const { name, text, value } of rest) {
      await this.attempt(name, async () => {
        const document = value === undefined ? await readTruth({ name, text }, classes) : readTruthValue(value, name);
        await this.#place(document);
      });
    }
  }

  /** As `take`, for files that were chosen as ground truth. A run file is taken as such here. */
  async openFiles(files: readonly File[]): Promise<void> {
    const read = await Promise.all(files.map((file) => this.attempt(file.name, () => readText(file))));
    await this.take(read.filter((file) => file !== undefined));
  }

  /** Takes the boxes of the asked images, and of those of the same file that are opened later, as the user says. */
  async answerUnit({ document, doubts }: Extract<TruthQuestion, { kind: "unit" }>, reading: Reading): Promise<void> {
    this.dismissQuestion();
    await this.attempt(document.source, async () => {
      await this.#keep(doubts.map((doubt) => readAs(document, doubt, reading)));
      this.#say(document, doubts.length, 0);
    });
    this.#waiting = this.#waiting.map((each) =>
      each.document.source === document.source ? { ...each, choice: { unit: reading.unit, form: reading.form } } : each,
    );
  }

  /** Gives the asked screenshot what the file says of one of its images, whatever that is called. */
  async answerImage(
    { document, target }: Extract<TruthQuestion, { kind: "image" }>,
    image: DocumentImage,
  ): Promise<void> {
    this.dismissQuestion();
    await this.attempt(document.source, () => this.#place(document, { byHand: { image, imageId: target.id } }));
  }

  /** Leaves the question without an answer: nothing is measured with that file. */
  dismissQuestion(): void {
    this.change("truth", (truth) => ({ ...truth, questions: truth.questions.slice(1) }));
  }

  /** Removes the truth of an image; can be undone. */
  async clear(imageId: string): Promise<void> {
    const { images, truth } = this.state;
    const before = truth.byImage[imageId];
    if (before === undefined) return;
    await this.attempt("Ground truth", async () => {
      await this.client.call("truth.clear", { imageId });
      this.changed({ imageId, truth: null });
      const takeBack = async () =>
        this.changed({ imageId, truth: await this.client.call("truth.set", { imageId, truth: before }) });
      this.undo.did(`Removed the ground truth of ${images.byId[imageId]?.name ?? "the image"}`, takeBack, [imageId]);
    });
  }

  /** Takes in what the host says. */
  changed({ imageId, truth }: EventPayload<"truth.changed">): void {
    if (this.state.images.byId[imageId] === undefined) return;
    this.change("truth", (state) => withTruth(state, imageId, truth));
  }

  setRule(change: Partial<MatchRule>): void {
    this.change("truth", (truth) => ({ ...truth, rule: { ...truth.rule, ...change } }));
  }

  toggleOutcome(outcome: Outcome): void {
    this.change("truth", (truth) => ({
      ...truth,
      hidden: truth.hidden.includes(outcome)
        ? truth.hidden.filter((each) => each !== outcome)
        : [...truth.hidden, outcome],
    }));
  }

  showTables(tablesOpen: boolean): void {
    this.patch("truth", { tablesOpen });
  }

  /** Goes to the next mistake of the shown image, or the one before. */
  jump(step: 1 | -1): void {
    const state = this.state;
    const next = nextMistake(currentMistakes(state), state.truth.focus?.mistakeId, step);
    if (next !== undefined) this.goTo(next.id);
  }

  /** Selects a mistake and zooms to it. */
  goTo(mistakeId: string): void {
    const state = this.state;
    const mistake = currentMistakes(state).find(({ id }) => id === mistakeId);
    if (mistake === undefined) return;
    this.selection.select(mistake.detectionId);
    this.patch("truth", { focus: { mistakeId, jump: (state.truth.focus?.jump ?? 0) + 1 } });
  }

  async #place(document: TruthDocument, choice: TruthChoice = {}): Promise<void> {
    const state = this.state;
    const open = state.images.order.map((id) => state.images.byId[id]).filter((image) => image !== undefined);
    const shown = currentImage(state);
    const placement = placeTruth(document, open, shown, choice);
    const { placed, waiting, doubts, problems } = placement;
    for (const { about, error } of problems) this.report(error, about);
    const [first, ...others] = waiting;
    if (choice.byHand === undefined && first !== undefined) {
      this.#waiting = [{ document: { ...document, images: waiting }, choice }, ...this.#waiting];
    }
    await this.#keep(placed);
    this.#askUnit(document, doubts);
    if (placed.length > 0) this.#say(document, placed.length, choice.byHand === undefined ? waiting.length : 0);
    if (placed.length + doubts.length + problems.length > 0 || first === undefined) return;
    if (shown === undefined) throw noneOpen(document);
    this.#ask({ kind: "image", document, images: [first, ...others], target: shown });
  }

  /** Hands truths to the host, which keeps them. */
  async #keep(placed: readonly PlacedTruth[]): Promise<void> {
    for (const { imageId, truth } of placed) {
      this.changed({ imageId, truth: await this.client.call("truth.set", { imageId, truth }) });
    }
    if (placed.length > 0 && currentTruth(this.state) !== undefined) this.window.remember({ sideTab: truthTab });
  }

  #askUnit(document: TruthDocument, [first, ...others]: readonly Doubt[]): void {
    if (first !== undefined) this.#ask({ kind: "unit", document, doubts: [first, ...others] });
  }

  #ask(question: TruthQuestion): void {
    this.change("truth", (truth) => ({ ...truth, questions: [...truth.questions, question] }));
  }

  #say({ skipped }: TruthDocument, images: number, notOpen: number): void {
    const rest = notOpen > 0 ? `; not open: ${notOpen}` : "";
    const lost = skipped.length > 0 ? `; skipped: ${skipsText(skipped)}` : "";
    this.undo.say(`Ground truth for ${plural(images, "image")}${rest}${lost}`);
  }

  /** Fetches what the host keeps for an image, or gives it what a file had for it before it was open. */
  async #imageOpened(imageId: string): Promise<void> {
    await this.attempt("Ground truth", async () => {
      const { truth } = await this.client.call("truth.get", { imageId });
      const image = this.state.images.byId[imageId];
      if (truth !== null) this.changed({ imageId, truth });
      if (truth !== null || image === undefined) return;
      for (const { document, choice } of this.#waiting) {
        const { placed, doubts } = placeTruth(document, [image], undefined, choice);
        await this.#keep(placed);
        this.#askUnit(document, doubts);
        if (placed.length + doubts.length > 0) return;
      }
    });
  }
}

function noneOpen({ images }: TruthDocument) {
  const names = images.slice(0, 2).map((image) => `"${imageTitle(image)}"`);
  const more = images.length > 2 ? `, and ${images.length - 2} more` : "";
  return invalidTruth(
    `The file is about ${images.length === 1 ? "an image that is" : "images that are"} not open: ${names.join(", ")}${more}.`,
    "Open the screenshot of that file name: it then gets its ground truth.",
  );
}
