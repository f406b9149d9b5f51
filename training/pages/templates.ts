import type { Widgets } from "./widgets.ts";

const row = (...parts: string[]) => `<div class="own-row-of">${parts.join("")}</div>`;
const column = (content: string, style = "") => `<div class="own-column" style="${style}">${content}</div>`;
const split = (...columns: string[]) => `<div class="own-split">${columns.join("")}</div>`;

function topBar(w: Widgets): string {
  const middle = w.random.pick([
    () => w.times(2, 6, () => w.link(w.words.word())),
    () => `<div style="width:${w.random.int(140, 380)}px">${w.bareInput()}</div>`,
    () => "",
  ])();
  const right = w.random.pick([
    () => w.times(1, 4, () => w.iconButton()),
    () => w.button() + w.button(),
    () => w.button() + w.iconButton(),
  ])();
  return `<header class="own-top">${w.random.chance(0.3) ? w.iconButton() : ""}${w.heading(4, w.words.phrase(1, 2))}<div class="own-gap">${middle}</div>${right}</header>`;
}

const sideBar = (w: Widgets) => column(w.list(4, 11), `width:${w.random.int(150, 260)}px;flex:none`);

function formParts(w: Widgets): string {
  const part = () =>
    w.random.weighted([
      [() => w.input(), 6],
      [() => w.select(), 2],
      [() => w.area(), 1],
      [() => w.choice("checkbox"), 2],
      [() => w.choice("radio") + w.choice("radio") + w.choice("radio"), 1],
      [() => w.toggle(), 2],
      [() => w.slider(), 1],
      [() => row(w.input(), w.input()), 1],
    ] as const)();
  return w.times(3, 8, part);
}

/** What a page is about. The keys are the templates of the dataset. */
export const templates: Readonly<Record<string, (w: Widgets) => string>> = {
  form: (w) =>
    `${topBar(w)}<main>${w.card(w.heading() + w.text(1) + formParts(w) + row(w.button(), w.button()))}</main>`,
  login: (w) =>
    `<main class="own-centre"><div style="width:${w.random.int(280, 460)}px">${w.card(`${w.heading(2) + w.text(1) + w.input() + w.input() + w.choice("checkbox") + w.button() + w.times(0, 3, () => w.button())}<div>${w.link()}${w.link()}</div>`)}</div></main>`,
  settings: (w) =>
    topBar(w) +
    split(
      sideBar(w),
      `<main>${w.heading(2)}${w.times(1, 3, () => w.card(w.heading(4) + w.times(2, 5, () => w.random.pick([() => w.toggle(), () => w.select(), () => w.choice("checkbox"), () => w.slider(), () => w.input()])())))}${row(w.button(), w.button())}</main>`,
    ),
  dashboard: (w) =>
    topBar(w) +
    split(
      w.random.chance(0.6) ? sideBar(w) : "",
      `<main>${row(w.heading(2), w.button())}<div class="own-grid">${w.times(2, 4, () => w.card(w.caption() + w.heading(3, w.words.number()) + w.text(1)))}</div><div class="own-grid">${w.card(w.heading(4) + w.chart(w.random.int(240, 420), 150))}${w.card(w.heading(4) + w.list(3, 5))}</div>${w.random.chance(0.5) ? w.card(w.table()) : ""}</main>`,
    ),
  table: (w) =>
    topBar(w) +
    `<main>${row(w.heading(2), w.bareInput(), w.button(), w.button())}${w.random.chance(0.5) ? w.tabs() : ""}${w.table()}${w.pager()}</main>`,
  shop: (w) =>
    topBar(w) +
    split(
      w.random.chance(0.6)
        ? column(
            w.heading(4) + w.times(3, 7, () => w.choice("checkbox")) + w.slider() + w.select(),
            "width:200px;flex:none",
          )
        : "",
      `<main><div class="own-grid">${w.times(4, 9, () => w.card(w.picture(w.random.int(120, 200), w.random.int(80, 150)) + w.heading(5) + w.caption(w.words.number()) + row(w.button(), w.random.chance(0.5) ? w.iconButton() : "")))}</div></main>`,
    ),
  mail: (w) =>
    topBar(w) +
    split(
      column(w.button() + w.list(4, 8), "width:190px;flex:none"),
      column(w.bareInput() + w.list(5, 10), "width:300px;flex:none"),
      `<main>${row(w.times(2, 6, () => w.iconButton()))}${w.heading(3)}${w.caption(w.words.name())}${w.times(1, 4, () => w.text())}${row(w.button(), w.button())}</main>`,
    ),
  chat: (w) =>
    split(
      column(w.heading(4) + w.bareInput() + w.list(4, 9), "width:240px;flex:none"),
      `<main>${row(w.heading(4, w.words.name()), w.iconButton(), w.iconButton())}${w.times(3, 8, () => `<div class="own-bubble">${w.text(1)}</div>`)}${row(w.iconButton(), w.bareInput(), w.button())}</main>`,
    ),
  article: (w) =>
    topBar(w) +
    `<main style="max-width:${w.random.int(560, 900)}px;margin:auto">${w.heading(1)}${row(w.badge(), w.badge(), w.caption(w.words.name()))}${w.text(3)}${w.picture(w.random.int(300, 540), w.random.int(120, 260))}${w.times(1, 3, () => w.heading(3) + w.text(3))}${w.times(1, 4, () => `<div>${w.link()}</div>`)}</main>`,
  landing: (w) =>
    topBar(w) +
    `<main class="own-hero">${w.heading(1)}${w.text(1)}${row(w.button(), w.button())}</main><div class="own-grid own-pad">${w.times(2, 4, () => w.card(w.glyph(32).replace("<svg", '<svg data-el="icon"') + w.heading(4) + w.text(1) + w.link()))}</div>`,
  files: (w) =>
    w.menuBar() +
    row(
      w.times(3, 9, () => w.iconButton()),
      `<div style="flex:1">${w.bareInput()}</div>`,
    ) +
    split(sideBar(w), `<main>${w.table()}</main>`) +
    `<footer>${w.caption()}</footer>`,
  editor: (w) =>
    w.menuBar() +
    row(
      w.times(4, 12, () => w.iconButton()),
      w.select(),
      w.button(),
    ) +
    split(
      w.random.chance(0.5) ? sideBar(w) : "",
      `<main>${w.tabs()}<textarea data-el="input" rows="${w.random.int(12, 22)}" class="own-code">${Array.from({ length: 14 }, () => w.words.phrase(2, 7).toLowerCase()).join("\n")}</textarea></main>`,
    ),
  dialog: (w) =>
    topBar(w) +
    `<main data-behind>${w.table()}${w.text()}</main><div class="own-shade"></div><div class="own-dialog" data-layer>${w.card(row(w.heading(3), w.iconButton()) + w.text(1) + (w.random.chance(0.6) ? formParts(w) : "") + row(w.button(), w.button()))}</div>`,
  menus: (w) =>
    w.menuBar() +
    `<main>${row(w.button(), w.button(), w.iconButton())}${w.random.chance(0.5) ? w.list() : w.table()}</main><div class="own-popup" data-layer style="left:${w.random.int(2, 50)}%;top:${w.random.int(28, 180)}px">${w.menu()}</div>`,
  tabbed: (w) =>
    topBar(w) +
    `<main>${w.tabs()}${w.alert()}<div class="own-grid">${w.card(w.heading(3) + formParts(w))}${w.card(w.heading(3) + w.list() + w.button())}</div></main>`,
  media: (w) =>
    topBar(w) +
    `<main>${w.picture(w.random.int(380, 640), w.random.int(200, 340))}${row(w.iconButton(), w.iconButton(), `<div style="flex:1">${w.slider()}</div>`, w.iconButton(), w.iconButton())}${w.heading(3)}${w.text(1)}<div class="own-grid">${w.times(2, 5, () => w.picture(150, 90) + w.link())}</div></main>`,
};
