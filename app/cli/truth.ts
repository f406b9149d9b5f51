import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError, type ImageRef, type RunRecord, type Truth } from "../contract/index.ts";
import { plural } from "../presentation/numbers.ts";
import { readClassNames } from "../truth/class-names.ts";
import { imageTitle, skipsText, type TruthDocument } from "../truth/document.ts";
import { evaluateRun } from "../truth/evaluate.ts";
import { figureNames, figureOrder, formatFigure } from "../truth/figure-text.ts";
import { meansImage, nameLevels } from "../truth/image-names.ts";
import { defaultRule, type TruthMatch } from "../truth/match.ts";
import { measure } from "../truth/metrics.ts";
import { decodedText, truthFileLimits } from "../truth/parse-text.ts";
import { type Doubt, type PlacedTruth, placeTruth, type TruthChoice } from "../truth/place.ts";
import { formatNames, readTruth } from "../truth/read-truth.ts";
import { type BoxForm, boxForms, unitName, unitNamed, unitNames } from "../truth/units.ts";
import { printError, UsageError } from "./errors.ts";
import { renderTable } from "./table.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

/** The options about ground truth as commander hands them over. */
export interface RawTruthOptions {
  readonly truth?: readonly string[];
  readonly truthUnit?: string;
  readonly truthBox?: string;
  readonly truthImage?: string;
  readonly truthClasses?: string;
}

/** Ground truth of a `detect` command: read before anything runs, measured when all runs have ended. */
export class MeasuredTruth {
  readonly #documents: readonly TruthDocument[];
  readonly #choice: TruthChoice;
  /** The image of the file that is the screenshot by another name. */
  readonly #byHand: string | undefined;

  private constructor(documents: readonly TruthDocument[], choice: TruthChoice, byHand: string | undefined) {
    this.#documents = documents;
    this.#choice = choice;
    this.#byHand = byHand;
  }

  /** undefined if no truth is asked for. Throws UsageError, and BAD_REQUEST for a file that cannot be used. */
  static async read(raw: RawTruthOptions, images: readonly string[]): Promise<MeasuredTruth | undefined> {
    const choice = choiceOf(raw);
    const files = raw.truth ?? [];
    if (files.length === 0) {
      const [option] =
        Object.entries(raw).find(([name, value]) => value !== undefined && name.startsWith("truth")) ?? [];
      if (option !== undefined)
        throw new UsageError("--truth-unit, --truth-box, --truth-image and --truth-classes need --truth.");
      return undefined;
    }
    if (raw.truthImage !== undefined && (images.length > 1 || files.length > 1)) {
      throw new UsageError("--truth-image goes with one screenshot and one --truth file.");
    }
    const classes =
      raw.truthClasses === undefined ? [] : await readClassNames(await textOf(raw.truthClasses), raw.truthClasses);
    const documents: TruthDocument[] = [];
    for (const file of files) {
      const text = await textOf(file);
      try {
        documents.push(await readTruth({ name: path.basename(file), text }, classes));
      } catch (error) {
        const { code, message, hint, detail } = HoloscopeError.from(error);
        throw new HoloscopeError(code, `${path.basename(file)}: ${message}`, hint, detail);
      }
    }
    return new MeasuredTruth(documents, choice, raw.truthImage);
  }

  /**
   * Prints what the runs are worth, the last of each image, and what is wrong with the truth.
   * @returns whether all of the truth could be used.
   */
  report(terminal: Terminal, runs: readonly RunRecord[], quiet: boolean): boolean {
    const last = new Map(runs.filter(({ status }) => status === "done").map((run) => [run.image.id, run]));
    const open = [...last.values()].map(({ image }) => image);
    const truths = new Map<string, Truth>();
    let complete = true;
    for (const document of this.#documents) {
      try {
        for (const { imageId, truth } of this.#place(document, open)) truths.set(imageId, truth);
      } catch (error) {
        complete = false;
        printError(terminal, HoloscopeError.from(error).toInfo(), document.source);
      }
    }
    if (!quiet && truths.size > 0) terminal.out(truthTable(terminal, last, truths, this.#documents));
    return complete;
  }

  #place(document: TruthDocument, open: readonly ImageRef[]): readonly PlacedTruth[] {
    const [only] = open;
    const placement = placeTruth(document, open, open.length === 1 ? only : undefined, {
      ...this.#choice,
      byHand: this.#byHand === undefined || only === undefined ? undefined : byHand(document, this.#byHand, only),
    });
    const [doubt] = placement.doubts;
    if (doubt !== undefined) throw doubtful(document, doubt);
    const [problem] = placement.problems;
    if (problem !== undefined) throw problem.error;
    if (placement.placed.length === 0) throw otherImages(document, open);
    return placement.placed;
  }
}

function choiceOf({ truthUnit, truthBox }: RawTruthOptions): TruthChoice {
  const unit = truthUnit === undefined ? undefined : unitNamed(truthUnit);
  if (truthUnit !== undefined && unit === undefined) {
    throw new UsageError(`--truth-unit does not know "${truthUnit}".`, `The units are: ${unitNames.join(", ")}.`);
  }
  const form = boxForms.find((each): each is BoxForm => each === truthBox);
  if (truthBox !== undefined && form === undefined) {
    throw new UsageError(`--truth-box takes ${boxForms.join(" or ")}, not "${truthBox}".`);
  }
  return { unit, form };
}

/** Throws UsageError for a file that cannot be read. */
async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > truthFileLimits.bytes) throw new UsageError(`${file} is larger than 256 MB.`, "Split it by images.");
    return decodedText(await readFile(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read.`, "Check the path of the ground truth.");
  }
}

function byHand(document: TruthDocument, name: string, { id }: ImageRef): TruthChoice["byHand"] {
  for (const level of nameLevels) {
    const image = document.images.find((each) => meansImage(each, name, level));
    if (image !== undefined) return { image, imageId: id };
  }
  throw new HoloscopeError("BAD_REQUEST", `The file has no image "${name}".`, `Its images are: ${namesOf(document)}.`);
}

function namesOf({ images }: TruthDocument): string {
  const names = images.slice(0, 5).map((image) => `"${imageTitle(image)}"`);
  return names.join(", ") + (images.length > 5 ? ` and ${images.length - 5} more` : "");
}

function otherImages(document: TruthDocument, open: readonly ImageRef[]): HoloscopeError {
  const names = open.map(({ name }) => name ?? "a screenshot without a name").join(", ");
  return new HoloscopeError(
    "BAD_REQUEST",
    `The file is about ${namesOf(document)}, not about ${names === "" ? "any image that was detected" : names}.`,
    "If one of them is the screenshot by another name, say so: --truth-image NAME.",
  );
}

function doubtful(document: TruthDocument, { reason, readings, target }: Doubt): HoloscopeError {
  const usual = readings.at(-1)?.reading;
  const ways = readings.map(({ reading, text }) => {
    const form = reading.form === usual?.form ? "" : ` --truth-box ${reading.form}`;
    return `--truth-unit ${unitName(reading.unit)}${form} (${text})`;
  });
  return new HoloscopeError(
    "BAD_REQUEST",
    `The boxes of ${target.name ?? "the screenshot"} cannot be right as ${formatNames[document.format]} is usually read: ${reason}. Nothing was measured.`,
    `Say what they are, the most probable first: ${ways.join("; ")}.`,
  );
}

function truthTable(
  terminal: Terminal,
  runs: ReadonlyMap<string, RunRecord>,
  truths: ReadonlyMap<string, Truth>,
  documents: readonly TruthDocument[],
): string {
  const matches = [...truths].flatMap(([imageId, truth]) => {
    const run = runs.get(imageId);
    return run === undefined ? [] : [{ run, truth, match: evaluateRun(truth, run, defaultRule) }];
  });
  const rows = matches.map(({ run, match }) => figuresRow(run.image.name ?? run.image.id.slice(0, 12), [match]));
  const all =
    matches.length > 1
      ? [
          figuresRow(
            "together",
            matches.map(({ match }) => match),
          ),
        ]
      : [];
  const notes = matches.flatMap(({ run, truth: { source, format, elements, skipped = [], reading } }) => {
    const lost = skipped.length === 0 ? "" : `; skipped: ${skipsText(skipped)}`;
    const how = reading === undefined ? "" : `; read as ${reading}`;
    return [
      `${run.image.name ?? ""}: ${source}, ${formatNames[format]}, ${plural(elements.length, "known element")}${lost}${how}`,
    ];
  });
  const strays = documents
    .filter(({ skipped }) => skipped.length > 0)
    .map(({ source, skipped }) => `${source}: skipped ${skipsText(skipped)}`);
  const counts = ["matched", "missed", "extra"].map((title) => ({ title, align: "right" as const }));
  const figures = figureOrder.map((name) => ({ title: figureNames[name].toLowerCase(), align: "right" as const }));
  return [
    `${styled(terminal, "bold", "Ground truth")}, matched at IoU ${defaultRule.minIou}\n`,
    renderTable(terminal, [{ title: "image", flexible: true }, ...counts, ...figures], [...rows, ...all]),
    ...[...notes, ...strays].map((note) => `${styled(terminal, "dim", oneLine(note))}\n`),
  ].join("");
}

function figuresRow(name: string, matches: readonly TruthMatch[]): readonly string[] {
  const metrics = measure(matches);
  const { matched, missed, extra } = metrics;
  return [name, ...[matched, missed, extra].map(String), ...figureOrder.map((figure) => formatFigure(metrics[figure]))];
}
