import type { Host } from "../host/types.ts";
import { plural } from "../presentation/numbers.ts";
import { phaseTexts } from "../presentation/texts.ts";
import { LiveLine, oneLine, type Terminal } from "./terminal.ts";

/** One line on a terminal's stderr that shows the running detection and is erased when it ends. */
export class Progress {
  readonly #line: LiveLine;
  readonly #unsubscribe: readonly (() => void)[];
  #title = "";
  #found = 0;
  #phase = "";

  constructor(terminal: Terminal, host: Host) {
    this.#line = new LiveLine(terminal);
    this.#unsubscribe = [
      host.on("run.progress", ({ phase, fraction }) => {
        const share = fraction === undefined ? "" : ` ${Math.round(100 * fraction)} %`;
        this.#phase = `${phaseTexts[phase]}${share}`;
        this.#draw();
      }),
      host.on("run.detection", () => {
        this.#found += 1;
        this.#draw();
      }),
    ];
  }

  start(title: string): void {
    this.#title = oneLine(title);
    this.#found = 0;
    this.#phase = phaseTexts.queued;
    this.#draw();
  }

  clear(): void {
    this.#line.clear();
  }

  end(): void {
    for (const stop of this.#unsubscribe) stop();
    this.clear();
  }

  #draw(): void {
    const found = this.#found === 0 ? "" : `, ${plural(this.#found, "element")}`;
    this.#line.show(`${this.#title}: ${this.#phase}${found}`);
  }
}
