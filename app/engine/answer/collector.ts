import type { GeneratedToken } from "../../../native/index.ts";
import { type AnswerTemplate, type Detection, defined, type Size } from "../../contract/index.ts";
import { boxAroundPoint, boxToSource, type CoordinateSpace, clampPoint, pointToSource, tidyBox } from "../geometry.ts";
import { type Calibration, calibrate } from "./calibration.ts";
import { confidence, type ScoredToken } from "./confidence.ts";
import { type Loop, LoopWatch } from "./loop.ts";
import { AnswerParser, type ParsedElement } from "./parser.ts";

export interface CollectorOptions {
  readonly space: CoordinateSpace;
  /** Size the model saw and size of the source image, px. */
  readonly input: Size;
  readonly source: Size;
  readonly maxDetections: number;
  /** How the answer is written, if not as a list of boxes. */
  readonly template?: AnswerTemplate | undefined;
  /** What the tokens' probabilities are. */
  readonly probability: "before-grammar" | "after-grammar" | "none";
  /** Of the confidence; without it the confidence is that of the token probabilities. */
  readonly calibration?: Calibration | undefined;
  /** "#rrggbb" by label. */
  readonly labelColors?: ReadonlyMap<string, string> | undefined;
  /** Label of elements whose answer has none (a click point). */
  readonly fallbackLabel: string;
  /** Called with each detection as soon as its last character is there, in the answer's order. */
  readonly onDetection: (detection: Detection) => void;
}

/** Turns generated tokens into detections while they arrive. */
export class AnswerCollector {
  readonly #options: CollectorOptions;
  readonly #parser: AnswerParser;
  readonly #decoder = new TextDecoder("utf-8");
  /** Tokens since the last element: only these can carry the next one. */
  #recent: ScoredToken[] = [];
  readonly #loops = new LoopWatch();
  /** Place and label of each element that was kept. */
  readonly #known = new Set<string>();
  #elements = 0;
  #dropped = 0;
  #merged = 0;
  #limitReached = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#parser = new AnswerParser(options.template);
  }

  /** The whole answer so far. */
  get text(): string {
    return this.#parser.text;
  }

  /** Boxes without area inside the image. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Elements with the place and the label of an earlier one. */
  get merged(): number {
    return this.#merged;
  }

  /** Present once the answer goes round in circles: then no further token is taken. */
  get loop(): Loop | undefined {
    return this.#loops.loop;
  }

  /** The list was ended by the limit of detections and not by the model. */
  get limitReached(): boolean {
    return this.#limitReached;
  }

  /** Takes the next tokens and returns how many: fewer than all if the answer is found to go round in circles. */
  push(tokens: readonly GeneratedToken[]): number {
    for (const [index, token] of tokens.entries()) {
      if (this.loop !== undefined) return index;
      this.#pushToken(token);
    }
    return tokens.length;
  }

  #pushToken(token: GeneratedToken): void {
    const start = this.text.length;
    const piece = this.#decoder.decode(token.bytes, { stream: true });
    // A token that only begins a character overlaps the character that a later one completes.
    const end = start + Math.max(piece.length, token.bytes.length > 0 ? 1 : 0);
    const forced = token.overruled && this.#endsAtLimit(piece);
    if (forced) this.#limitReached = true;
    this.#recent.push({ start, end, logProb: token.logProb, ignored: forced || Number.isNaN(token.logProb) });
    this.#loops.text(piece);
    const found = this.#parser.push(piece);
    for (const element of found) this.#accept(element);
    // The token that ends one element may begin the next.
    if (found.length > 0) this.#recent = this.#recent.slice(-1);
  }

  /** Whether this piece ends the list just where the limit of detections makes the grammar end it. */
  #endsAtLimit(piece: string): boolean {
    const { maxDetections } = this.#options;
    // One token may close the last element and the list, or the list alone.
    const closesBoth = /\}\s*\]\s*$/.test(piece);
    return this.#elements >= maxDetections || (closesBoth && this.#elements === maxDetections - 1);
  }

  #accept(element: ParsedElement): void {
    this.#elements++;
    if (this.#elements > this.#options.maxDetections) {
      this.#limitReached = true;
      return;
    }
    const place = this.#place(element);
    if (place === undefined) {
      this.#dropped++;
      this.#loops.element("empty");
      return;
    }
    const label = element.label ?? this.#options.fallbackLabel;
    const key = JSON.stringify([place.bbox, label]);
    if (this.#known.has(key)) {
      this.#merged++;
      this.#loops.element("repeat");
      return;
    }
    this.#known.add(key);
    this.#loops.element("new");
    const color = this.#options.labelColors?.get(label);
    this.#options.onDetection({
      id: `e${this.#known.size}`,
      label,
      ...defined({ text: element.text }),
      ...place,
      ...this.#confidence(element),
      ...defined({ color }),
      raw: { space: this.#options.space, values: [...element.values] },
    });
  }

  #confidence({ spans }: ParsedElement): Pick<Detection, "confidence" | "confidenceSource" | "rawConfidence"> {
    const { calibration, probability } = this.#options;
    if (probability === "none") return { confidence: 1, confidenceSource: "unavailable" };
    const raw = confidence(this.#recent, spans);
    if (probability === "after-grammar") return { confidence: raw, confidenceSource: "after-grammar" };
    if (calibration === undefined) return { confidence: raw, confidenceSource: "token-probability" };
    return { confidence: calibrate(calibration, raw), confidenceSource: "calibrated", rawConfidence: raw };
  }

  /** Where the element lies in the source image; undefined if it has no area inside it. */
  #place(element: ParsedElement): Pick<Detection, "bbox" | "point"> | undefined {
    const { space, input, source } = this.#options;
    const [a, b, c, d] = element.values;
    if (a === undefined || b === undefined) return undefined;
    if (element.kind === "point") {
      const point = clampPoint(pointToSource([a, b], space, input, source), source);
      return { point, bbox: boxAroundPoint(point, source) };
    }
    if (c === undefined || d === undefined) return undefined;
    const bbox = tidyBox(boxToSource([a, b, c, d], space, input, source), source);
    return bbox === undefined ? undefined : { bbox };
  }
}
