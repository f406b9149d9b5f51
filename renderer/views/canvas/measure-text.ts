/** Widths of texts in CSS px for one font, each measured once. */
export class TextMeasure {
  readonly #widths = new Map<string, number>();
  readonly #context = document.createElement("canvas").getContext("2d");

  /** @param font as `getComputedStyle(element).font` gives it. */
  constructor(readonly font: string) {
    if (this.#context !== null) this.#context.font = font;
  }

  width(text: string): number {
    const known = this.#widths.get(text);
    if (known !== undefined) return known;
    const width = this.#context?.measureText(text).width ?? text.length * 8;
    this.#widths.set(text, width);
    return width;
  }
}
