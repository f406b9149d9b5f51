import sharp from "sharp";

/** px; larger than the bundled detector's input is tested by scaling the drawing. */
export const screenSize = { width: 1280, height: 736 };

/** What the drawn application shows. */
export interface ScreenState {
  readonly title: string;
  readonly typed: string;
  readonly checked: readonly boolean[];
  readonly radio: number;
  readonly page: number;
  readonly menu: boolean;
  readonly dialog: boolean;
  readonly toast: boolean;
  readonly scroll: number;
  readonly rows: number;
}

const start: ScreenState = {
  title: "Project overview",
  typed: "",
  checked: [true, false, false, true],
  radio: 0,
  page: 0,
  menu: false,
  dialog: false,
  toast: false,
  scroll: 0,
  rows: 5,
};

/** Each step changes the screen as a user would; the first is where it begins. */
const steps: readonly { readonly what: string; readonly change: Partial<ScreenState> }[] = [
  { what: "begins", change: {} },
  { what: "ticks a check box", change: { checked: [true, true, false, true] } },
  { what: "types a word", change: { typed: "quarterly" } },
  { what: "types more", change: { typed: "quarterly figures" } },
  { what: "opens the menu", change: { menu: true } },
  { what: "closes the menu", change: { menu: false } },
  { what: "waits", change: {} },
  { what: "chooses another radio button", change: { radio: 2 } },
  { what: "opens a dialog", change: { dialog: true } },
  { what: "closes the dialog", change: { dialog: false } },
  { what: "sees a message", change: { toast: true } },
  { what: "unticks two check boxes", change: { checked: [false, true, false, false] } },
  { what: "the message goes", change: { toast: false } },
  { what: "scrolls", change: { scroll: 60 } },
  { what: "clears the field", change: { typed: "" } },
  { what: "types again", change: { typed: "april" } },
  { what: "opens the menu again", change: { menu: true } },
  { what: "leaves the menu for another page", change: { menu: false, page: 3 } },
  { what: "gets a new row", change: { rows: 6 } },
  { what: "opens the dialog again", change: { dialog: true } },
  { what: "sees a message beside it", change: { toast: true } },
  { what: "closes both", change: { dialog: false, toast: false } },
  { what: "ticks the first check box", change: { checked: [true, true, false, false] } },
  { what: "scrolls back", change: { scroll: 0 } },
];

export interface Screen {
  readonly what: string;
  readonly png: Buffer;
}

/** The first `count` screens, drawn `scale` times as large. Words are drawn as shapes, so no font is needed. */
export async function screenSequence(count = steps.length, scale = 1): Promise<Screen[]> {
  // The application's decoder closes this one; the drawings are our own.
  sharp.unblock({ operation: ["VipsForeignLoadSvg"] });
  const screens: Screen[] = [];
  let state = start;
  for (const { what, change } of steps.slice(0, count)) {
    state = { ...state, ...change };
    screens.push({ what, png: await draw(state, scale) });
  }
  return screens;
}

function draw(state: ScreenState, scale: number): Promise<Buffer> {
  const { width, height } = screenSize;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${height * scale}" viewBox="0 0 ${width} ${height}">${page(state)}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: "#ffffff" }).png().toBuffer();
}

function page(state: ScreenState): string {
  return [
    rect(0, 0, 1280, 736, "#f4f5f7"),
    content(state),
    rect(0, 0, 1280, 52, "#24324a"),
    word(20, 18, "Harbour", "#ffffff", 15),
    rect(840, 10, 260, 32, "#ffffff", { radius: 6 }),
    word(852, 19, "Search settings", "#555555"),
    button(1112, 10, 62, 32, "Help", "#3b4d6d", "#ffffff"),
    button(1184, 10, 76, 32, "Sign out", "#3b4d6d", "#ffffff"),
    navigation(state.page),
    state.menu ? menu() : "",
    state.dialog ? dialog() : "",
    state.toast ? toast() : "",
  ].join("");
}

function navigation(chosen: number): string {
  const names = ["Overview", "Files", "Members", "Calendar", "Reports", "Billing", "About"];
  const links = names.map((name, index) => {
    const y = 66 + index * 42;
    const on = index === chosen;
    return (
      (on ? rect(10, y, 212, 36, "#e3ecfb", { radius: 6 }) : "") + word(22, y + 11, name, on ? "#1a53b8" : "#1f2430")
    );
  });
  return rect(0, 52, 232, 684, "#ffffff", { stroke: "#d9dde4" }) + links.join("");
}

function content({ title, typed, checked, radio, scroll, rows }: ScreenState): string {
  const boxes = ["Send a summary", "Mention me in posts", "Play a sound", "Show previews"].map((name, index) => {
    const y = 150 + index * 32;
    const on = checked[index] === true;
    const mark = on ? `<path d="M790 ${y + 9}l4 4 7-8" fill="none" stroke="#ffffff" stroke-width="2"/>` : "";
    const fill = on ? "#1a53b8" : "#ffffff";
    return rect(786, y, 18, 18, fill, { stroke: "#8a92a0", radius: 3 }) + mark + word(816, y + 4, name);
  });
  const radios = ["System", "Light", "Dark"].map((name, index) => {
    const y = 326 + index * 30;
    const dot = index === radio ? `<circle cx="795" cy="${y}" r="5" fill="#1a53b8"/>` : "";
    const ring = `<circle cx="795" cy="${y}" r="8.5" fill="#ffffff" stroke="#8a92a0"/>`;
    return ring + dot + word(816, y - 5, name);
  });
  const list = Array.from({ length: rows }, (_, index) => {
    const y = 430 + index * 40;
    return (
      word(284, y + 12, `Entry ${"abcdefgh".slice(0, index + 2)}`) +
      button(660, y, 66, 28, "Open", "#ffffff", "#1f2430")
    );
  });
  return `<g transform="translate(0 ${-scroll})">${[
    word(264, 78, title, "#1f2430", 20),
    card(264, 112, 480, 280),
    word(284, 132, "Name"),
    field(284, 150, 440, typed === "" ? "" : typed),
    word(284, 204, "Language"),
    field(284, 222, 440, "English"),
    `<path d="M702 234l6 7 6-7" fill="none" stroke="#555555" stroke-width="2"/>`,
    word(284, 276, "Notes"),
    rect(284, 294, 440, 76, "#ffffff", { stroke: "#b9c0cc", radius: 5 }),
    word(294, 306, "Ships on Fridays"),
    card(766, 112, 480, 174),
    ...boxes,
    card(766, 298, 480, 110),
    ...radios,
    card(264, 412, 480, 270),
    ...list,
    button(1000, 430, 92, 38, "Cancel", "#ffffff", "#1f2430"),
    button(1104, 430, 142, 38, "Save changes", "#1a53b8", "#ffffff"),
  ].join("")}</g>`;
}

function menu(): string {
  const names = ["New file", "Open recent", "Rename", "Duplicate", "Remove"];
  const items = names.map((name, index) => word(992, 64 + index * 32, name));
  return rect(976, 46, 200, 170, "#ffffff", { stroke: "#9aa3b2", radius: 6 }) + items.join("");
}

function dialog(): string {
  return [
    rect(420, 250, 400, 190, "#ffffff", { stroke: "#68707f", radius: 8 }),
    word(444, 274, "Remove this file", "#1f2430", 15),
    word(444, 312, "It cannot be brought back"),
    field(444, 336, 350, "april"),
    button(596, 388, 90, 34, "Cancel", "#ffffff", "#1f2430"),
    button(698, 388, 98, 34, "Remove", "#b3261e", "#ffffff"),
  ].join("");
}

function toast(): string {
  return (
    rect(960, 660, 290, 52, "#1f2430", { radius: 6 }) +
    word(980, 680, "Saved just now", "#ffffff") +
    button(1166, 670, 70, 32, "Undo", "#3b4d6d", "#ffffff")
  );
}

function card(x: number, y: number, width: number, height: number): string {
  return rect(x, y, width, height, "#ffffff", { stroke: "#d9dde4", radius: 8 });
}

function field(x: number, y: number, width: number, text: string): string {
  return rect(x, y, width, 34, "#ffffff", { stroke: "#b9c0cc", radius: 5 }) + word(x + 10, y + 12, text);
}

function button(x: number, y: number, width: number, height: number, text: string, fill: string, ink: string): string {
  const start = x + (width - text.length * 7) / 2;
  return rect(x, y, width, height, fill, { stroke: "#b9c0cc", radius: 6 }) + word(start, y + height / 2 - 5, text, ink);
}

interface RectStyle {
  readonly stroke?: string;
  readonly radius?: number;
}

function rect(x: number, y: number, width: number, height: number, fill: string, style: RectStyle = {}): string {
  const stroke = style.stroke === undefined ? "" : ` stroke="${style.stroke}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${style.radius ?? 0}" fill="${fill}"${stroke}/>`;
}

/** Strokes that look like a word from afar: one for each letter, as tall as the letter is. `y` is the word's top, px. */
function word(x: number, y: number, text: string, ink = "#1f2430", size = 10): string {
  const strokes = [...text].map((letter, index) => {
    if (letter === " ") return "";
    const tall = /[A-Zbdfhklt]/.test(letter) ? size : size * 0.7;
    const left = x + index * size * 0.7;
    const width = 1 + (letter.charCodeAt(0) % 3) * size * 0.12;
    return `<path d="M${left} ${y + size - tall}v${tall}m${width + size * 0.16} ${-tall}v${tall}" stroke="${ink}" stroke-width="${size * 0.14}"/>`;
  });
  return strokes.join("");
}
