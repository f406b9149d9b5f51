import type { EventPayload, Phase } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { formatCount } from "./numbers.ts";
import { oneLine, type Terminal } from "./terminal.ts";

const phaseTexts: Readonly<Record<Phase, string>> = {
  queued: "waiting",
  starting: "starting the engine",
  loading: "loading the model",
  decode: "decoding the image",
  preprocess: "resizing the image",
  encode: "encoding the image",
  prefill: "reading image and prompt",
  generate: "writing elements",
  parse: "finishing",
  profile: "profiling operators",
};

/** One line on a terminal's stderr that follows the running detection and vanishes with it. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #unsubscribe: readonly (() => void)[];
  #title = "";
  #found = 0;
  #phase = "";

  constructor(terminal: Terminal, host: Host) {
    this.#terminal = terminal;
    this.#unsubscribe = terminal.live
      ? [
          host.on("run.progress", (progress) => this.#onProgress(progress)),
          host.on("run.detection", () => {
            this.#found += 1;
            this.#draw();
          }),
        ]
      : [];
  }

  start(title: string): void {
    this.#title = oneLine(title);
    this.#found = 0;
    this.#phase = phaseTexts.queued;
    this.#draw();
  }

  clear(): void {
    if (this.#terminal.live) this.#terminal.err("\r\u001b[K");
  }

  end(): void {
    for (const stop of this.#unsubscribe) stop();
    this.clear();
  }

  #onProgress({ phase, fraction }: EventPayload<"run.progress">): void {
    const share = fraction === undefined ? "" : ` ${Math.round(100 * fraction)} %`;
    this.#phase = `${phaseTexts[phase]}${share}`;
    this.#draw();
  }

  #draw(): void {
    if (!this.#terminal.live) return;
    const found = this.#found === 0 ? "" : `, ${formatCount(this.#found, "element")}`;
    const line = `${this.#title}: ${this.#phase}${found}`;
    this.#terminal.err(`\r\u001b[K${[...line].slice(0, Math.min(this.#terminal.width, 120) - 1).join("")}`);
  }
}
