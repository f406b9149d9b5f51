/** What a model was doing over and over when its answer was ended. */
export type Loop =
  /** Boxes without an area inside the image. */
  | "empty-boxes"
  /** Boxes that it had written before, with the same label. */
  | "repeated-boxes"
  /** The same characters, without finishing an element. */
  | "repeated-text";

/** What an element adds to the answer; the last two add nothing. */
export type Worth = "new" | "empty" | "repeat";

/** Elements that add nothing, in a row, after which an answer is ended. */
const mostWorthless = 10;
/** How many elements without worth a new one makes up for. */
const worthOfNew = 2;
/** Characters of the longest sequence whose repetition is noticed. */
const longestPeriod = 256;
/** A sequence counts as repeated once its copies fill this many characters, and there are `leastCopies` of them. */
const leastRepeated = 384;
const leastCopies = 4;

/**
 * Notices an answer that goes round in circles, which greedy generation never leaves by itself: what the model has written
 * makes the same more probable still. Two rules, for any format of answer:
 *
 * - Elements. Each that has no area, or was there before, counts 1; each new one takes 2 back. At 10 the answer is ended:
 *   after ten in a row, or later where a few new ones are strewn in. A cycle of several boxes consists of repeats too.
 * - Text since the last element. Its last 384 characters or more are one sequence of at most 256 characters, at least four
 *   times. This ends text that never becomes an element.
 */
export class LoopWatch {
  #loop: Loop | undefined;
  #debt = 0;
  readonly #counts = { empty: 0, repeat: 0 };
  /** The last `longestPeriod` characters since the last element, as a ring. */
  readonly #ring = new Uint16Array(longestPeriod);
  /** Characters since the last element. */
  #written = 0;
  /** By period - 1: how many characters at the end equal the one that stands a period before them. */
  readonly #same = new Uint32Array(longestPeriod);

  /** undefined as long as the answer gets on; then it stays. */
  get loop(): Loop | undefined {
    return this.#loop;
  }

  /** Takes the next piece of the answer. */
  text(piece: string): void {
    for (let index = 0; index < piece.length && this.#loop === undefined; index++)
      this.#character(piece.charCodeAt(index));
  }

  /** Takes the next element of the answer. */
  element(worth: Worth): void {
    if (this.#loop !== undefined) return;
    this.#written = 0;
    if (worth === "new") {
      this.#debt = Math.max(0, this.#debt - worthOfNew);
      if (this.#debt === 0) Object.assign(this.#counts, { empty: 0, repeat: 0 });
      return;
    }
    this.#debt++;
    this.#counts[worth]++;
    if (this.#debt < mostWorthless) return;
    this.#loop = this.#counts.empty >= this.#counts.repeat ? "empty-boxes" : "repeated-boxes";
  }

  #character(code: number): void {
    const longest = Math.min(this.#written, longestPeriod);
    for (let period = 1; period <= longest; period++) {
      const before = this.#ring[(this.#written - period) % longestPeriod];
      // A count of the text before the last element ends where this text first reaches a period.
      const counted = period < this.#written ? (this.#same[period - 1] ?? 0) : 0;
      const same = before === code ? counted + 1 : 0;
      this.#same[period - 1] = same;
      // The first copy is what the others equal.
      if (same + period >= leastRepeated && same >= period * (leastCopies - 1)) this.#loop = "repeated-text";
    }
    this.#ring[this.#written % longestPeriod] = code;
    this.#written++;
  }
}
