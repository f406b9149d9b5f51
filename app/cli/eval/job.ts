import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import {
  type AnsweredRun,
  type AnswerLine,
  HoloscopeError,
  imageLimits,
  type QuestionKey,
} from "../../contract/index.ts";
import { writeOutputFile } from "../../host/disk/atomic.ts";
import type { Journal } from "../../host/disk/journal.ts";
import { sha256OfFile } from "../../host/disk/sha256.ts";
import type { Host, TakenIn } from "../../host/types.ts";
import { type Asked, answerLine, failedLine, keyText } from "./asked.ts";
import type { ImageFinder } from "./folder.ts";
import type { PlannedImage, PlannedItem } from "./plan.ts";
import type { EvalProgress } from "./progress.ts";
import { type Score, scoreOf } from "./score.ts";

interface EvalJobParts {
  readonly host: Host;
  readonly asked: Asked;
  readonly images: ImageFinder;
  readonly journal: Pick<Journal<AnswerLine>, "append">;
  /** What the journal has already, by the text of its keys; answers are added to it. */
  readonly answers: Map<string, AnswerLine>;
  readonly runsFolder: string;
  readonly progress: EvalProgress;
  /** Fires at Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** Asks what the journal does not have yet, image after image, and notes each answer before the next question. */
export class EvalJob {
  readonly #parts: EvalJobParts;
  #runId: string | undefined;

  constructor(parts: EvalJobParts) {
    this.#parts = parts;
  }

  /**
   * The scores of all items; of those until the interruption, if there is one. Throws what would meet every item, such as
   * a model that cannot be loaded.
   */
  async run(images: readonly PlannedImage[]): Promise<readonly Score[]> {
    const { interrupted } = this.#parts;
    interrupted.addEventListener("abort", () => this.#cancel());
    const scores: Score[] = [];
    try {
      for (const image of images) {
        if (interrupted.aborted) break;
        await this.#image(image, scores);
      }
    } catch (error) {
      if (!interrupted.aborted) throw error;
    }
    return scores;
  }

  async #image({ path: file, items }: PlannedImage, scores: Score[]): Promise<void> {
    const { images, answers, asked, interrupted } = this.#parts;
    const source = images.pathOf(file);
    const id = await sha256OfFile(source, interrupted);
    let taken: Promise<TakenIn> | undefined;
    try {
      for (const planned of items) {
        if (interrupted.aborted) return;
        const key = asked.key(id, planned);
        const known = answers.get(keyText(key));
        if (known === undefined) taken ??= this.#takeIn(source);
        const line = known ?? (await this.#ask(key, planned, taken));
        if (line === undefined) return;
        const score = scoreOf(planned, line);
        scores.push(score);
        this.#parts.progress.add(score, known === undefined);
      }
    } finally {
      await taken?.then(
        ({ giveBack }) => giveBack(),
        () => {},
      );
    }
  }

  async #takeIn(source: string): Promise<TakenIn> {
    const { size } = await stat(source);
    if (size > imageLimits.maxBytes) {
      throw new HoloscopeError("IMAGE_TOO_LARGE", "The image file is larger than 64 MB.", "Save it smaller.");
    }
    return this.#parts.host.takeIn(await readFile(source), path.basename(source));
  }

  /** Asks one question and notes what comes of it; undefined if it was interrupted, which is no answer. */
  async #ask(
    key: QuestionKey,
    planned: PlannedItem,
    taken: Promise<TakenIn> | undefined,
  ): Promise<AnswerLine | undefined> {
    const { journal, answers, interrupted } = this.#parts;
    const line = await this.#answer(key, planned, taken).catch((error: unknown) => {
      if (interrupted.aborted) return undefined;
      return failedLine(key, error);
    });
    if (line === undefined) return undefined;
    await journal.append(line);
    answers.set(keyText(key), line);
    return line;
  }

  async #answer(
    key: QuestionKey,
    planned: PlannedItem,
    taken: Promise<TakenIn> | undefined,
  ): Promise<AnswerLine | undefined> {
    const { host, asked, interrupted } = this.#parts;
    const image = (await taken)?.image;
    if (image === undefined || interrupted.aborted) return undefined;
    const { runId, done } = await host.detect(asked.request(image.id, planned), { keep: false });
    this.#runId = runId;
    if (interrupted.aborted) this.#cancel();
    const run = await done;
    this.#runId = undefined;
    if (interrupted.aborted && run.status !== "done") return undefined;
    await this.#write(run);
    return answerLine(key, run);
  }

  /** Before the answer is noted, so that no run that the journal names is missing. */
  #write(run: AnsweredRun): Promise<void> {
    const file = path.join(this.#parts.runsFolder, `${run.id}.run.json`);
    return writeOutputFile(file, `${JSON.stringify(run)}\n`, `the run ${path.basename(file)}`);
  }

  #cancel(): void {
    const runId = this.#runId;
    // A run may have just ended by itself, which is as good.
    if (runId !== undefined) this.#parts.host.call("runs.cancel", { runId }).catch(() => {});
  }
}
