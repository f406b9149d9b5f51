import { formatDuration, formatShare } from "../../presentation/numbers.ts";
import { LiveLine, oneLine, type Terminal } from "../terminal.ts";
import type { Score } from "./score.ts";

/** How far an evaluation is: one line on a terminal, and a line at each twentieth of the items elsewhere. */
export class EvalProgress {
  readonly #terminal: Terminal;
  readonly #line: LiveLine;
  readonly #items: number;
  readonly #begin = performance.now();
  #done = 0;
  #asked = 0;
  #clicks = 0;
  #correct = 0;
  #errors = 0;

  constructor(terminal: Terminal, items: number) {
    this.#terminal = terminal;
    this.#line = new LiveLine(terminal);
    this.#items = items;
  }

  /** Counts an item. @param asked whether it was asked now, and not taken from the journal */
  add({ correct, error, planned }: Score, asked: boolean): void {
    this.#done += 1;
    if (asked) this.#asked += 1;
    if (correct !== undefined) this.#clicks += 1;
    if (correct === true) this.#correct += 1;
    if (error !== undefined) this.#errors += 1;
    if (!asked) return;
    const text = this.#text();
    if (this.#terminal.live) this.#line.show(`${text}  ${oneLine(planned.item.image)}`);
    else if (this.#twentieth(this.#done) > this.#twentieth(this.#done - 1)) this.#terminal.err(`${text}\n`);
  }

  clear(): void {
    this.#line.clear();
  }

  #twentieth(done: number): number {
    return Math.floor((20 * done) / this.#items);
  }

  #text(): string {
    const accuracy = this.#clicks === 0 ? "" : `, ${formatShare(this.#correct / this.#clicks)} right so far`;
    const errors = this.#errors === 0 ? "" : `, ${this.#errors} with an error`;
    const leftMs = ((performance.now() - this.#begin) / this.#asked) * (this.#items - this.#done);
    const left = leftMs > 0 ? `, about ${formatDuration(leftMs)} left` : "";
    return `${this.#done} of ${this.#items} items${accuracy}${errors}${left}`;
  }
}
