import type { ReactElement } from "react";
import { renderToString } from "react-dom/server";
import { Widgets } from "../widgets.ts";

/** Labels of LABELS.md by class name: every node that has the class becomes such an element. */
export type Marks = Readonly<Record<string, string>>;

/** A tag with a class in React's HTML; React writes `>` in attributes as `&gt;`. */
const tagWithClass = /<([a-z][\w-]*)((?:\s[^<>]*?)?\sclass="([^"]*)")/g;

/** Gives the nodes of these classes their `data-el`, for components that do not pass attributes on to the node that is meant. */
export function marked(html: string, marks: Marks): string {
  return html.replace(tagWithClass, (whole, tag: string, rest: string, classes: string) => {
    const label = classes
      .split(" ")
      .map((name) => marks[name])
      .find((found) => found !== undefined);
    return label === undefined ? whole : `<${tag} data-el="${label}"${rest}`;
  });
}

/** Draws parts with React components that are rendered to HTML here, as on a server. */
export abstract class ReactWidgets extends Widgets {
  private readonly slots: string[] = [];
  private readonly beside = this.random.chance(0.2);
  private readonly controlWidth = this.random.weighted([
    ["100%", 4],
    [`${this.random.int(160, 420)}px`, 2],
  ] as const);

  /** The component within the library's providers of theme and styles. */
  protected abstract provided(element: ReactElement): ReactElement;

  /** Stands in a component for HTML that is drawn already; `paint` puts it in place. */
  protected slot(html: string): string {
    return `[[slot ${this.slots.push(html) - 1}]]`;
  }

  protected paint(element: ReactElement, marks: Marks = {}): string {
    const html = marked(renderToString(this.provided(element)), marks);
    return html.replace(/\[\[slot (\d+)\]\]/g, (_, index: string) => this.slots[Number(index)] ?? "");
  }

  protected override field(control: string): string {
    const bare = this.random.chance(0.12);
    const caption = bare ? "" : `<div style="flex:none;min-width:${this.beside ? 120 : 0}px">${this.caption()}</div>`;
    const direction = this.beside ? "row;align-items:center" : "column";
    return `<div class="field-box" style="display:flex;gap:${this.beside ? 12 : 4}px;flex-direction:${direction}">${caption}<div style="flex:${this.beside ? 1 : "none"};width:${this.controlWidth};max-width:100%;min-width:0">${control}</div></div>`;
  }

  /** Rows of a text area, and what stands in it: a text, or a hint as long as it is empty. */
  protected areaContent() {
    const filled = this.random.chance(0.5);
    const rows = this.random.int(2, 5);
    return { rows, ...(filled ? { defaultValue: this.words.sentence() } : { placeholder: this.words.phrase(1, 3) }) };
  }

  /** What stands in a field of one line: words, or a hint as long as it is empty. */
  protected fieldContent(): { readonly defaultValue: string } | { readonly placeholder: string } {
    return this.random.chance(0.5)
      ? { defaultValue: this.words.phrase(1, 3) }
      : { placeholder: this.words.phrase(1, 3) };
  }

  /** Keys that choose a row of a menu. */
  protected shortcut(): string {
    return `Ctrl+${this.random.pick(["A", "C", "F", "N", "S", "Z"])}`;
  }

  /** A caption with its switch, beside it or at the row's end. */
  protected switchRow(control: string, gap: number, padding = ""): string {
    const ends = this.random.chance(0.4) ? "justify-content:space-between" : `gap:${gap}px`;
    return `<div style="display:flex;align-items:center;${padding}${ends}">${this.caption()}${control}</div>`;
  }

  /** What stands in a table's cell; links only in the first column. */
  protected cellContent(first: boolean, badges = 0.1): string {
    if (first && this.random.chance(0.3)) return this.link();
    if (this.random.chance(badges)) return this.badge();
    return this.caption(this.random.chance(0.5) ? this.words.number() : this.words.phrase(1, 2));
  }

  /** A random colour as #rrggbb, dark enough for white letters in most cases. */
  protected accent(): string {
    const [hue, saturation, lightness] = [
      this.random.int(0, 359),
      this.random.int(45, 95) / 100,
      this.random.int(32, 58) / 100,
    ];
    const channel = (n: number) => {
      const k = (n + hue / 30) % 12;
      const value =
        lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
      return Math.round(255 * value)
        .toString(16)
        .padStart(2, "0");
    };
    return `#${channel(0)}${channel(8)}${channel(4)}`;
  }
}
