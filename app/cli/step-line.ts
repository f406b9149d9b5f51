import type { Host } from "../host/types.ts";
import { oneLine, type Terminal } from "./terminal.ts";

/** One line on a terminal's stderr that follows an examination and vanishes with it. */
export class StepLine {
  readonly #terminal: Terminal;
  readonly #stop: () => void;

  constructor(terminal: Terminal, host: Host) {
    this.#terminal = terminal;
    this.#stop = terminal.live
      ? host.on("doctor.progress", ({ step, fraction }) => {
          const share = fraction === undefined ? "" : `${Math.round(100 * fraction)} %  `;
          const width = Math.min(terminal.width, 120) - 1;
          terminal.err(`\r\u001b[K${[...`${share}${oneLine(step)}`].slice(0, width).join("")}`);
        })
      : () => {};
  }

  clear(): void {
    if (this.#terminal.live) this.#terminal.err("\r\u001b[K");
  }

  end(): void {
    this.#stop();
    this.clear();
  }
}
