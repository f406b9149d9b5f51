import { boxArea, intersection } from "../../app/contract/boxes.ts";
import type { PageElement } from "./extract.ts";
import type { Random } from "./random.ts";
import type { Widgets } from "./widgets.ts";

/** What a window shows: a page's screenshot, its sides and its elements in CSS px of the page. */
export interface Pane {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
  readonly elements: readonly PageElement[];
}

type Box = PageElement["bbox"];

/** In the screen's CSS px: where a window's page lies, and everything that lies over it. */
export interface PanePlace {
  readonly at: Box;
  readonly covers: readonly Box[];
}

/**
 * LABELS.md's rule 3 for a box that lies under others: cut on the sides that are mostly covered; `undefined` when less than
 * half of it can be seen. Covers are taken one by one, so what two of them share counts twice.
 */
export function uncovered(box: Box, covers: readonly Box[]): Box | undefined {
  let [x1, y1, x2, y2] = box;
  let hidden = 0;
  for (const cover of covers) {
    const part = intersection(box, cover);
    if (part[2] <= part[0] || part[3] <= part[1]) continue;
    hidden += boxArea(part);
    if (part[3] - part[1] >= 0.5 * (box[3] - box[1])) {
      if (part[0] <= box[0]) x1 = Math.max(x1, part[2]);
      else if (part[2] >= box[2]) x2 = Math.min(x2, part[0]);
    }
    if (part[2] - part[0] >= 0.5 * (box[2] - box[0])) {
      if (part[1] <= box[1]) y1 = Math.max(y1, part[3]);
      else if (part[3] >= box[3]) y2 = Math.min(y2, part[1]);
    }
  }
  const seen: Box = [x1, y1, x2, y2];
  return hidden <= 0.5 * boxArea(box) && boxArea(seen) > 0 ? seen : undefined;
}

/** The elements of a window's page on the screen, as far as they can be seen. */
export function placed(elements: readonly PageElement[], { at, covers }: PanePlace): PageElement[] {
  return elements.flatMap(({ bbox: [x1, y1, x2, y2], ...rest }) => {
    const bbox = uncovered([x1 + at[0], y1 + at[1], x2 + at[0], y2 + at[1]], covers);
    return bbox === undefined ? [] : [{ bbox, ...rest }];
  });
}

/** Runs in the screen: {@link PanePlace} of each window, from the hindmost to the foremost. Nothing of this module may be used in it. */
export function panePlaces(): PanePlace[] {
  const screen = [0, 0, innerWidth, innerHeight] as const;
  const box = (element: Element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left, top, right, bottom] as const;
  };
  const layers = [...document.querySelectorAll("[data-layer]")];
  return [...document.querySelectorAll("[data-pane]")].map((pane) => {
    const own = layers.findIndex((layer) => layer.contains(pane));
    const outside = [
      [-1e6, -1e6, 1e6, screen[1]],
      [-1e6, screen[3], 1e6, 1e6],
      [-1e6, -1e6, screen[0], 1e6],
      [screen[2], -1e6, 1e6, 1e6],
    ] as const;
    return { at: box(pane), covers: [...outside, ...layers.slice(own + 1).map(box)] };
  });
}

/** Sides of a drawn screen in CSS px, and its HTML; each pane is an element `data-pane`. */
export interface DrawnScreen {
  readonly width: number;
  readonly height: number;
  readonly html: string;
}

/** Colours and letters of one desktop. */
interface Look {
  readonly ground: string;
  readonly bar: string;
  readonly ink: string;
  readonly edge: string;
  readonly font: string;
  readonly round: number;
}

/** Windows, task bars, docks and desktop icons in the manner of the usual systems, drawn by ourselves. */
class Desktop {
  private readonly look: Look;
  private readonly style: "left" | "right" | "bold";

  constructor(
    private readonly random: Random,
    private readonly widgets: Widgets,
  ) {
    const dark = random.chance(0.4);
    const hue = random.int(0, 359);
    const tint = random.int(0, 30);
    this.style = random.pick(["left", "right", "right", "bold"]);
    this.look = {
      ground: random.pick([
        `hsl(${hue} 45% ${random.int(15, 80)}%)`,
        `linear-gradient(${random.int(0, 359)}deg,hsl(${hue} 60% 35%),hsl(${(hue + 80) % 360} 60% 65%))`,
        `radial-gradient(circle at 30% 60%,hsl(${hue} 70% 70%),hsl(${(hue + 140) % 360} 50% 25%))`,
      ]),
      bar: `hsl(${hue} ${tint}% ${dark ? random.int(8, 26) : random.int(84, 98)}%)`,
      ink: dark ? "#eee" : "#222",
      edge: dark ? "#0008" : "#0003",
      font: random.pick(["DejaVu Sans", "Liberation Sans", "Cantarell", "system-ui"]),
      round: random.pick([0, 4, 8, 12]),
    };
  }

  private icon(size: number, box: number, extra = ""): string {
    return `<button data-el="icon" style="border:0;background:none;color:inherit;padding:0;width:${box}px;height:${box}px;display:inline-grid;place-items:center;flex:none;${extra}">${this.widgets.glyph(size)}</button>`;
  }

  /** Close, least and full size: coloured dots on the left, or glyphs on the right. */
  private windowButtons(): string {
    const { random } = this;
    if (this.style === "left")
      return `<span style="display:flex;gap:8px;padding:0 10px">${["#ff5f57", "#febc2e", "#28c840"].map((colour) => `<button data-el="icon" style="width:13px;height:13px;padding:0;border:1px solid #0002;border-radius:50%;background:${colour}"></button>`).join("")}</span>`;
    const size = random.int(9, 14);
    const [wide, tall] = this.style === "bold" ? [24, 24] : [random.int(26, 46), 28];
    const glyph = (path: string) =>
      `<button data-el="icon" style="border:0;background:${this.style === "bold" ? "#8883" : "none"};border-radius:${this.style === "bold" ? "50%" : "0"};color:inherit;padding:0;width:${wide}px;height:${tall}px;display:grid;place-items:center"><svg width="${size}" height="${size}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4"><path d="${path}"/></svg></button>`;
    return `<span style="display:flex;gap:${this.style === "bold" ? 8 : 0}px;padding:0 6px">${glyph("M4 13h16")}${glyph("M4 4h16v16H4z")}${glyph("M4 4l16 16M20 4L4 20")}</span>`;
  }

  private titleBar(title: string): string {
    const { look } = this;
    const height = this.random.int(26, 40);
    const bold = this.style === "bold" || this.random.chance(0.3);
    const name = `<span style="flex:1;text-align:${this.style === "right" ? "left" : "center"};padding:0 8px;overflow:hidden;white-space:nowrap;${bold ? "font-weight:bold" : ""}"><span data-el="${bold ? "heading" : "text"}">${title}</span></span>`;
    const parts = this.style === "left" ? [this.windowButtons(), name] : [name, this.windowButtons()];
    return `<div style="height:${height}px;display:flex;align-items:center;background:${look.bar}">${parts.join("")}</div>`;
  }

  /** Tabs, buttons and address field of a browser. */
  private browserBar(title: string): string {
    const { look, random, widgets } = this;
    const titles = [title, ...Array.from({ length: random.int(0, 4) }, () => widgets.words.phrase(1, 3))];
    const tabs = titles.map(
      (text, index) =>
        `<div data-el="tab" style="display:flex;align-items:center;gap:6px;width:${random.int(150, 210)}px;height:32px;padding:0 8px;border-radius:8px 8px 0 0;${index === 0 ? "background:#8883" : ""}"><span style="width:14px;height:14px;flex:none;border-radius:3px;background:hsl(${random.int(0, 359)} 60% 50%)"></span><span style="flex:1;overflow:hidden;white-space:nowrap">${text}</span>${this.icon(11, 18)}</div>`,
    );
    const strip = [
      `<span style="display:flex;flex:1;overflow:hidden;padding-top:6px">${tabs.join("")}${this.icon(14, 28)}</span>`,
    ];
    const ends = this.windowButtons();
    if (this.style === "left") strip.unshift(ends);
    else strip.push(ends);
    const address = `<div data-el="input" style="flex:1;height:28px;border-radius:${random.pick([4, 14])}px;background:#8882;border:1px solid ${look.edge};padding:0 12px;display:flex;align-items:center;overflow:hidden;white-space:nowrap">${widgets.words.word()}.example/${widgets.words.word()}</div>`;
    const before = Array.from({ length: 3 }, () => this.icon(16, 30)).join("");
    const after = Array.from({ length: random.int(1, 4) }, () => this.icon(16, 30)).join("");
    return `<div style="background:${look.bar}"><div style="display:flex;align-items:center">${strip.join("")}</div><div style="display:flex;align-items:center;gap:4px;padding:4px 8px;border-bottom:1px solid ${look.edge}">${before}${address}${after}</div></div>`;
  }

  window({ png, width, height }: Pane, title: string, position: string): string {
    const { look, random } = this;
    const bar = random.chance(0.5) ? this.browserBar(title) : this.titleBar(title);
    return `<div data-layer style="position:absolute;${position};width:${width}px;color:${look.ink};border:1px solid ${look.edge};border-radius:${look.round}px ${look.round}px 0 0;overflow:hidden;box-shadow:0 ${random.int(0, 14)}px ${random.int(4, 40)}px #0007">${bar}<img data-pane style="display:block;width:${width}px;height:${height}px" src="data:image/png;base64,${png.toString("base64")}"></div>`;
  }

  /** A bar along an edge with a launcher, windows' entries and the time, or a dock in the middle. */
  bar(titles: readonly string[], edge: "top" | "bottom", height: number): string {
    const { look, random } = this;
    const ground = `position:absolute;${edge}:0;height:${height}px;background:${look.bar};color:${look.ink};display:flex;align-items:center`;
    const size = Math.min(24, height - 14);
    if (edge === "bottom" && random.chance(0.35)) {
      const entries = Array.from({ length: random.int(4, 11) }, () => {
        const hue = random.int(0, 359);
        return this.icon(size, height - 10, `background:hsl(${hue} 55% 50%);color:#fff;border-radius:22%`);
      });
      return `<div data-layer style="${ground};left:50%;transform:translateX(-50%);gap:6px;padding:0 8px;border-radius:12px">${entries.join("")}</div>`;
    }
    const named = random.chance(0.6);
    const entries = titles.map((title) =>
      named
        ? `<button data-el="button" style="height:${height - 4}px;width:${random.int(110, 190)}px;text-align:left;border:0;border-radius:3px;background:#8883;color:inherit;font:inherit;overflow:hidden;white-space:nowrap;padding:0 8px">${title}</button>`
        : this.icon(size, height - 4),
    );
    const tray = Array.from({ length: random.int(1, 5) }, () => this.icon(14, Math.min(28, height))).join("");
    const clock = `<span data-el="text">${random.int(0, 23)}:${random.int(10, 59)}</span>`;
    return `<div data-layer style="${ground};left:0;right:0;gap:4px;padding:0 6px">${this.icon(size, height - 2)}${entries.join("")}<span style="flex:1"></span>${tray}${clock}</div>`;
  }

  /** A column of files and programs on the ground, each with its caption. */
  icons(top: number): string {
    const { random, widgets } = this;
    const size = random.int(32, 52);
    const one = () =>
      `<div data-el="list_item" style="width:${size + 34}px;text-align:center;color:#fff;text-shadow:0 1px 2px #000;overflow:hidden"><span style="display:inline-grid;place-items:center;width:${size}px;height:${size}px;border-radius:18%;background:hsl(${random.int(0, 359)} 55% 48%)">${widgets.glyph(Math.round(size * 0.6))}</span><div>${widgets.words.word()}</div></div>`;
    return `<div style="position:absolute;left:8px;top:${top + 8}px;display:flex;flex-direction:column;gap:14px">${Array.from({ length: random.int(2, 8) }, one).join("")}</div>`;
  }

  /** @param panes From the hindmost to the foremost, which fits on the screen. */
  screen(panes: readonly Pane[]): DrawnScreen {
    const { look, random, widgets } = this;
    const front = panes.at(-1);
    if (front === undefined) throw new RangeError("A screen needs a window");
    const edge = random.pick(["top", "bottom", "bottom", "none"] as const);
    const bar = edge === "none" ? 0 : edge === "top" ? random.int(24, 32) : random.int(30, 56);
    const spare = random.chance(0.35) ? 0 : random.int(40, 420);
    const width = front.width + 2 + spare;
    const height = front.height + 84 + bar + Math.round(spare * random.unit() * 0.6);
    const top = edge === "top" ? bar : 0;
    const titles = panes.map(() => widgets.words.phrase(1, 4));
    const windows = panes.map((pane, index) => {
      const first = index === panes.length - 1;
      const x = first ? random.int(0, spare) : random.int(-60, Math.max(0, width - 200));
      const y = first
        ? top + random.int(0, Math.max(0, height - bar - front.height - 84))
        : top + random.int(0, Math.max(0, height - bar - 200));
      return this.window(pane, titles[index] ?? "", `left:${x}px;top:${y}px`);
    });
    const ground = `margin:0;width:${width}px;height:${height}px;position:relative;overflow:hidden;background:${look.ground};font:${random.int(11, 14)}px "${look.font}",sans-serif`;
    const html = `<!doctype html><meta charset="utf-8"><style>button{appearance:none}</style><body style='${ground}'>${random.chance(0.4) ? this.icons(top) : ""}${windows.join("")}${edge === "none" ? "" : this.bar(titles, edge, bar)}</body>`;
    return { width, height, html };
  }
}

/** A random screen with windows around the panes, the last of them foremost. */
export function drawDesktop(random: Random, widgets: Widgets, panes: readonly Pane[]): DrawnScreen {
  return new Desktop(random, widgets).screen(panes);
}
