import type { Kit, Part } from "./kits.ts";
import type { Random } from "./random.ts";
import { Words } from "./words.ts";

/** Draws one page's parts in one library's style. What counts as an element carries `data-el`, by the rules of LABELS.md. */
export class Widgets {
  readonly words: Words;
  private readonly chosen = new Map<Part, string>();
  private names = 0;

  constructor(
    protected readonly kit: Kit,
    readonly random: Random,
  ) {
    this.words = new Words(random);
  }

  /** Class names of a part; where the library has several, one is used on the whole page. */
  css(part: Part): string {
    const known = this.chosen.get(part);
    if (known !== undefined) return known;
    const classes = this.kit.classes[part] ?? "";
    const one = typeof classes === "string" ? classes : this.random.pick(classes);
    this.chosen.set(part, one);
    return one;
  }

  times(from: number, to: number, draw: (index: number) => string): string {
    return Array.from({ length: this.random.int(from, to) }, (_, index) => draw(index)).join("");
  }

  glyph(size = this.random.int(12, 22)): string {
    const strokes = Array.from({ length: this.random.int(1, 3) }, () => this.stroke()).join("");
    return `<svg width="${size}" height="${size}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round">${strokes}</svg>`;
  }

  private stroke(): string {
    const at = () => this.random.int(3, 21);
    return this.random.pick([
      () => `<circle cx="12" cy="12" r="${this.random.int(3, 9)}"/>`,
      () => `<rect x="4" y="${this.random.int(4, 8)}" width="16" height="${this.random.int(8, 13)}" rx="2"/>`,
      () => `<path d="M4 6h16M4 12h16M4 18h${this.random.int(6, 16)}"/>`,
      () => `<path d="M${at()} ${at()}L${at()} ${at()}L${at()} ${at()}"/>`,
      () => '<path d="M12 5v14M5 12h14"/>',
      () => '<path d="M6 6l12 12M18 6L6 18"/>',
      () => '<path d="M9 6l6 6-6 6"/>',
      () => '<path d="M5 13l5 5L20 7"/>',
      () => '<circle cx="11" cy="11" r="6"/><path d="M16 16l5 5"/>',
    ])();
  }

  button(text = this.words.phrase(1, 2)): string {
    const kind = this.random.weighted([
      ["button", 5],
      ["primary", 4],
      ["danger", 1],
    ] as const);
    const small = this.random.chance(0.25) ? this.css("small") : "";
    const glyph = this.random.chance(0.2) ? `${this.glyph(14)} ` : "";
    const off = this.random.chance(0.07) ? " disabled" : "";
    return `<button type="button" data-el="button" class="${this.css(kind) || this.css("button")} ${small}"${off}>${glyph}${text}</button> `;
  }

  iconButton(): string {
    const plain = this.random.chance(0.6);
    const classes = plain ? "glyph-button" : this.css("button");
    return `<button type="button" data-el="icon" class="${classes}">${this.glyph()}</button> `;
  }

  link(text = this.words.phrase(1, 3)): string {
    return `<a href="#" data-el="link" class="${this.css("link")}">${text}</a> `;
  }

  heading(level = this.random.int(1, 5), text = this.words.phrase(1, 4)): string {
    const classes = { semantic: "ui header", bulma: `title is-${level + 1}` }[this.kit.library] ?? "";
    return `<h${level} class="${classes}">${this.written("heading", text)}</h${level}>`;
  }

  text(sentences = this.random.int(1, 3)): string {
    return `<p data-text>${Array.from({ length: sentences }, () => this.words.sentence()).join(" ")}</p>`;
  }

  caption(text = this.words.phrase(1, 3)): string {
    return this.written("text", text);
  }

  /** Letters that are an element: their box is the run of text, whatever stands around it. */
  protected written(label: "heading" | "link" | "text", text: string): string {
    return `<span data-el="${label}">${text}</span>`;
  }

  /** Style rules of the parts drawn so far, for libraries that make theirs while they draw. */
  style(): string {
    return "";
  }

  /** Attributes of <html>: the library's colour scheme. */
  attributes(): string {
    return this.random.pick(this.kit.modes ?? [""]);
  }

  /** A control with its caption, which lies outside its box. */
  protected field(control: string): string {
    const above = this.random.chance(0.85) ? `<label class="${this.css("label")}">${this.caption()}</label>` : "";
    return `<div class="${this.css("field")} field-box">${above}${control}</div>`;
  }

  input(): string {
    return this.field(this.bareInput());
  }

  bareInput(): string {
    const type = this.random.weighted([
      ["text", 6],
      ["search", 1],
      ["password", 1],
      ["number", 1],
      ["email", 2],
      ["date", 1],
    ] as const);
    const filled =
      type === "date" ? 'value="2026-03-14"' : type === "number" ? 'value="42"' : `value="${this.words.phrase(1, 3)}"`;
    const content = this.random.chance(0.5) ? filled : `placeholder="${this.words.phrase(1, 3)}"`;
    return `<input type="${type}" data-el="input" class="${this.css("input")}" ${content}>`;
  }

  area(): string {
    return this.field(
      `<textarea data-el="input" rows="${this.random.int(2, 5)}" class="${this.css("area")}">${this.random.chance(0.5) ? this.words.sentence() : ""}</textarea>`,
    );
  }

  select(): string {
    const control = `<select data-el="select" class="${this.css("select")}"><option>${this.words.phrase(1, 2)}</option></select>`;
    return this.field(
      this.css("selectWrap") === "" ? control : `<div class="${this.css("selectWrap")}">${control}</div>`,
    );
  }

  choice(kind: "checkbox" | "radio"): string {
    const id = `choice-${this.names++}`;
    const mark = `<input type="${kind}" id="${id}" name="${kind === "radio" ? "one" : id}" data-el="${kind}" class="${this.css(kind === "radio" ? "radio" : "check")}"${this.random.chance(0.45) ? " checked" : ""}>`;
    const text = this.words.phrase(1, 3);
    if (this.kit.library === "materialize")
      return `<p><label>${mark.replace("data-el", "data-proxy")}<span data-mark="${kind}">${text}</span></label></p>`;
    if (this.kit.library === "98.css" || this.kit.library === "xp.css" || this.kit.library === "7.css") {
      return `<div class="field-row">${mark.replace("data-el", "data-proxy")}<label for="${id}" data-mark="${kind}">${text}</label></div>`;
    }
    return `<div class="${this.css("choice")}">${mark} <label for="${id}" class="own-label">${this.caption(text)}</label></div>`;
  }

  toggle(): string {
    const on = this.random.chance(0.5);
    if (this.kit.toggle === "bootstrap") {
      return `<div class="form-check form-switch"><input type="checkbox" role="switch" data-el="toggle" class="form-check-input"${on ? " checked" : ""}> ${this.caption()}</div>`;
    }
    if (this.kit.toggle === "wrapped") {
      return `<div class="switch"><label>${this.caption()}<input type="checkbox"${on ? " checked" : ""}><span class="lever" data-el="toggle"></span></label></div>`;
    }
    if (this.kit.toggle === "input") {
      return `<div class="own-toggle-row">${this.caption()} <input type="checkbox" role="switch" data-el="toggle" class="toggle"${on ? " checked" : ""}></div>`;
    }
    return `<div class="own-toggle-row">${this.caption()} <span role="switch" data-el="toggle" class="own-toggle ${on ? "on" : ""}"></span></div>`;
  }

  slider(): string {
    return this.field(
      `<input type="range" data-el="slider" class="${this.css("range")}" value="${this.random.int(5, 95)}">`,
    );
  }

  tabs(): string {
    const active = this.random.int(0, 2);
    const inside = this.kit.classes.tab !== undefined && this.kit.classes.tabsInner === undefined;
    const tab = (index: number) => {
      const on = index === active ? this.css("tabActive") : "";
      const text = this.words.phrase(1, 2);
      if (inside) return `<a href="#" data-el="tab" class="${this.css("tab")} ${on}">${text}</a>`;
      return `<li class="${this.css("tabsInner")} ${on}"><a href="#" data-el="tab" class="${this.css("tab")} ${on}">${text}</a></li>`;
    };
    const own = this.css("tabs") === "" ? "own-tabs" : this.css("tabs");
    const list = this.times(2, 6, tab);
    return inside
      ? `<div class="${own}">${list}</div>`
      : this.kit.library === "bulma"
        ? `<div class="tabs"><ul>${list}</ul></div>`
        : `<ul class="${own}">${list}</ul>`;
  }

  menu(): string {
    const item = () =>
      `<li><a href="#" data-el="menu_item" class="${this.css("menuItem")} own-row">${this.random.chance(0.3) ? `${this.glyph(14)} ` : ""}${this.words.phrase(1, 3)}</a></li>`;
    return `<ul class="${this.css("menu")} own-menu" data-layer>${this.times(3, 8, item)}</ul>`;
  }

  menuBar(): string {
    return `<nav class="own-bar">${this.times(3, 8, () => `<a href="#" data-el="menu_item" class="own-bar-item">${this.words.word()}</a>`)}</nav>`;
  }

  list(from = 3, to = 9): string {
    const picture = this.random.chance(0.3);
    const second = this.random.chance(0.35);
    const active = this.random.int(0, 12);
    const item = (index: number) =>
      `<div data-el="list_item" class="${this.css("item")} ${index === active ? this.css("itemActive") : ""} own-item">${picture ? this.picture(28, 28, false) : ""}<span>${this.words.phrase(1, 4)}${second ? `<br><small>${this.words.phrase(2, 6)}</small>` : ""}</span></div>`;
    return `<div class="${this.css("list")} own-list">${this.times(from, to, item)}</div>`;
  }

  table(): string {
    const columns = this.random.int(2, 6);
    const actions = this.random.chance(0.4);
    const checks = this.random.chance(0.3);
    const cell = (tag: string, content: string) => `<${tag}>${content}</${tag}>`;
    const head = Array.from({ length: columns }, () => cell("th", this.caption(this.words.phrase(1, 1)))).join("");
    const row = () => {
      const mark = `<input type="checkbox" data-el="checkbox" class="${this.css("check")} table-check">`;
      const cells = Array.from({ length: columns }, (_, index) =>
        cell(
          "td",
          index === 0 && this.random.chance(0.3)
            ? this.link()
            : this.caption(this.random.chance(0.5) ? this.words.number() : this.words.phrase(1, 2)),
        ),
      ).join("");
      const own = this.kit.library === "materialize" ? cell("td", this.choice("checkbox")) : cell("td", mark);
      return `<tr>${checks ? own : ""}${cells}${actions ? cell("td", this.iconButton() + this.iconButton()) : ""}</tr>`;
    };
    return `<table class="${this.css("table")}"><thead><tr>${checks ? "<th></th>" : ""}${head}${actions ? "<th></th>" : ""}</tr></thead><tbody>${this.times(3, 8, row)}</tbody></table>`;
  }

  /** A picture of our own: shapes on a gradient. */
  picture(width: number, height: number, listed = true): string {
    const hue = this.random.int(0, 359);
    const shapes = Array.from({ length: this.random.int(2, 6) }, () => {
      const fill = `hsl(${(hue + this.random.int(-60, 160)) % 360} ${this.random.int(20, 80)}% ${this.random.int(20, 80)}%)`;
      const [x, y, r] = [this.random.int(0, 100), this.random.int(0, 100), this.random.int(8, 45)];
      return this.random.chance(0.5)
        ? `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`
        : `<path d="M${x} ${y}l${r} ${r}l-${2 * r} ${this.random.int(5, 40)}z" fill="${fill}"/>`;
    }).join("");
    const id = `gradient-${this.names++}`;
    const stops = `<stop stop-color="hsl(${hue} 60% ${this.random.int(35, 85)}%)"/><stop offset="1" stop-color="hsl(${(hue + 70) % 360} 50% ${this.random.int(15, 70)}%)"/>`;
    return `<svg ${listed ? 'data-el="image"' : ""} class="own-picture" width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="xMidYMid slice"><defs><linearGradient id="${id}" x2="1" y2="1">${stops}</linearGradient></defs><rect width="100" height="100" fill="url(#${id})"/>${shapes}</svg>`;
  }

  chart(width: number, height: number): string {
    const bars = Array.from({ length: this.random.int(5, 14) }, (_, index) => {
      const high = this.random.int(8, 90);
      return `<rect x="${index * 7 + 2}" y="${98 - high}" width="5" height="${high}" fill="hsl(${this.random.int(190, 250)} 60% 55%)"/>`;
    }).join("");
    return `<svg data-el="image" class="own-picture" width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="none"><path d="M0 98H100M1 0V98" stroke="#888" stroke-width=".6"/>${bars}</svg>`;
  }

  pager(): string {
    return `<div class="own-row-of">${this.times(3, 6, (index) => `<button type="button" data-el="button" class="${this.css("button")} ${this.css("small")}">${index + 1}</button> `)}</div>`;
  }

  card(content: string, grow = ""): string {
    const outer = this.css("card") === "" ? "own-card" : this.css("card");
    return `<section class="${outer}" style="${grow}"><div class="${this.css("cardBody")} own-card-body">${content}</div></section>`;
  }

  alert(): string {
    return `<div class="${this.css("alert") || "own-alert"}"><div>${this.text(1)}</div></div>`;
  }

  badge(): string {
    return `<span class="${this.css("badge") || "own-badge"}" data-el="text">${this.words.word()}</span> `;
  }
}
