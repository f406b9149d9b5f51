import type { Random } from "./random.ts";

/**
 * A style sheet of random design for the library `themed`: controls that no library drew, so that a detector does not
 * learn the looks of a few libraries by heart. Colours, corners, borders, shadows, densities and the shapes of marks,
 * tabs, switches and fields are drawn anew for every page.
 */
export function randomTheme(random: Random): string {
  const dark = random.chance(0.35);
  const hue = random.int(0, 359);
  const tint = random.int(0, 25);
  const light = (value: number) => `hsl(${hue} ${tint}% ${dark ? 100 - value : value}%)`;
  const ground = light(random.int(93, 100));
  const raised = light(random.int(95, 100));
  const ink = light(random.int(5, 28));
  const faint = light(random.int(68, 88));
  const accentHue = random.int(0, 359);
  const accent = `hsl(${accentHue} ${random.int(35, 95)}% ${random.int(28, 58)}%)`;
  const onAccent = random.chance(0.85) ? "#fff" : "#111";
  const radius = random.weighted([
    [0, 2],
    [3, 3],
    [6, 3],
    [10, 2],
    [20, 1.5],
    [999, 1],
  ] as const);
  const line = random.pick([1, 1, 1, 2, 3]);
  const size = random.int(11, 17);
  const [padY, padX] = [random.int(2, 12), random.int(6, 26)];
  const shadow = random.pick(["none", "none", `0 1px 3px #0005`, `0 2px 6px #0004`, `2px 2px 0 ${ink}`]);
  const boxed = Math.min(radius, 14);
  return [
    `html{background:${ground}}body{background:${ground};color:${ink};font-size:${size}px;line-height:${random.pick([1.2, 1.35, 1.5, 1.7])}}`,
    buttons(),
    fields(),
    marks(),
    slider(),
    toggles(),
    tabs(),
    rows(),
    `a{color:${random.pick([accent, ink])};text-decoration:${random.pick(["underline", "none", "none"])}}`,
    `h1,h2,h3,h4,h5{font-weight:${random.pick([400, 500, 600, 700, 800])};margin:${random.int(4, 18)}px 0;color:${random.pick([ink, ink, accent])};${random.chance(0.1) ? "text-transform:uppercase;letter-spacing:1px" : ""}}`,
    `.th-card{background:${raised};border:${random.pick([0, line])}px solid ${faint};border-radius:${boxed}px;box-shadow:${shadow};margin:${random.int(2, 10)}px 0}.th-card>div{padding:${random.int(6, 24)}px}`,
    `.th-badge{background:${random.pick([accent, faint])};color:${random.pick([onAccent, ink])};border-radius:${random.pick([2, 6, 99])}px;padding:1px 8px;font-size:85%}`,
    `.th-alert{padding:${random.int(6, 16)}px;border-left:${random.int(0, 6)}px solid ${accent};background:color-mix(in srgb,${accent} 15%,${raised})}.th-alert p{margin:0}`,
    `.glyph-button{${glyphButton()}}`,
    `.own-top,.own-bar{background:${random.pick([raised, ground, faint, accent])}}`,
    `::placeholder{color:inherit;opacity:.5}:disabled{opacity:.45}`,
  ].join("\n");

  function buttons(): string {
    const weight = random.pick([400, 400, 500, 600, 700]);
    const loud = random.chance(0.1) ? "text-transform:uppercase;letter-spacing:.6px;" : "";
    const base = `font:inherit;font-size:${random.pick([85, 92, 100])}%;font-weight:${weight};${loud}padding:${padY}px ${padX}px;border-radius:${radius}px;cursor:pointer;margin:1px`;
    const quiet = random.pick([
      `background:${raised};color:${ink};border:${line}px solid ${faint};box-shadow:${shadow}`,
      `background:${faint};color:${ink};border:0`,
      `background:transparent;color:${accent};border:${line}px solid ${accent}`,
      `background:transparent;color:${accent};border:0`,
      `background:linear-gradient(${raised},${faint});color:${ink};border:1px solid ${faint}`,
    ]);
    const primary = random.pick([
      `background:${accent};color:${onAccent};border:0;box-shadow:${shadow}`,
      `background:linear-gradient(${accent},color-mix(in srgb,${accent} 75%,#000));color:${onAccent};border:1px solid ${accent}`,
      `background:color-mix(in srgb,${accent} 18%,${raised});color:${accent};border:0`,
    ]);
    return `.th-button,.th-primary,.th-danger{${base}}.th-button{${quiet}}.th-primary{${primary}}.th-danger{background:${random.pick(["#c62828", "#e5484d", "transparent"])};color:${random.pick(["#fff", "#ffb0b0"])};border:${line}px solid #c62828}.th-small{padding:${Math.max(1, padY - 3)}px ${Math.max(4, padX - 6)}px;font-size:82%}`;
  }

  function fields(): string {
    const frame = random.pick([
      `border:${line}px solid ${faint};background:${raised};border-radius:${boxed}px`,
      `border:0;border-bottom:${line}px solid ${ink};background:transparent`,
      `border:0;background:${faint};border-radius:${boxed}px`,
      `border:${line}px solid ${ink};background:${ground};border-radius:${boxed}px`,
      `border:1px solid ${faint};background:${raised};border-radius:${boxed}px;box-shadow:inset 0 1px 3px #0003`,
    ]);
    const wide = random.chance(0.6) ? "width:100%;" : `width:${random.int(140, 320)}px;`;
    const arrow = random.pick(["%3Cpath d='M2 4l4 4 4-4' ", "%3Cpath d='M1 3h10l-5 7z' "]);
    const colour = dark ? "white" : "black";
    return `.th-input,.th-select{font:inherit;color:inherit;box-sizing:border-box;${wide}padding:${random.int(2, 11)}px ${random.int(4, 14)}px;${frame}}.th-select{appearance:none;background-image:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 12'%3E${arrow}fill='none' stroke='${colour}' stroke-width='1.5'/%3E%3C/svg%3E");background-repeat:no-repeat;background-size:${random.int(9, 15)}px;background-position:right ${random.int(4, 12)}px center;padding-right:28px}.th-label{display:block;font-size:${random.pick([80, 90, 100])}%;font-weight:${random.pick([400, 600])};margin-bottom:${random.int(0, 5)}px}`;
  }

  function marks(): string {
    const side = random.int(11, 24);
    const on = random.pick([accent, ink]);
    const corner = random.pick([0, 2, 4, 6]);
    const tick = random.pick(["✓", "✔", "■", "✕", "−"]);
    return `.th-check,.th-radio{appearance:none;width:${side}px;height:${side}px;margin:${random.int(0, 4)}px;border:${random.pick([1, 1, 2])}px solid ${random.pick([ink, faint])};background:${raised};display:inline-grid;place-content:center;vertical-align:middle;flex:none;line-height:1}.th-check{border-radius:${corner}px}.th-radio{border-radius:50%}.th-check:checked{${random.chance(0.7) ? `background:${on};border-color:${on};color:${onAccent}` : `color:${on}`}}.th-check:checked::before{content:"${tick}";font-size:${Math.round(side * 0.7)}px}.th-radio:checked{border-color:${on}}.th-radio:checked::before{content:"";width:${Math.round(side * 0.5)}px;height:${Math.round(side * 0.5)}px;border-radius:50%;background:${on}}.th-choice{padding:${random.int(1, 6)}px 0;display:flex;gap:${random.int(3, 9)}px;align-items:center}`;
  }

  function slider(): string {
    const thick = random.int(2, 10);
    const knob = random.int(10, 24);
    return `.th-range{appearance:none;height:${Math.max(knob, thick)}px;background:transparent;width:${random.int(120, 300)}px}.th-range::-webkit-slider-runnable-track{height:${thick}px;border-radius:${random.pick([0, 9])}px;background:${random.pick([faint, accent])}}.th-range::-webkit-slider-thumb{appearance:none;width:${random.pick([knob, Math.round(knob * 0.6)])}px;height:${knob}px;margin-top:${(thick - knob) / 2}px;border-radius:${random.pick([2, 99])}px;background:${random.pick([accent, raised, ink])};border:1px solid ${ink}}`;
  }

  function toggles(): string {
    const high = random.int(12, 30);
    const wide = Math.round(high * random.pick([1.6, 1.8, 2.1]));
    const knob = high - random.pick([2, 4, 6, -4]);
    const inset = (high - knob) / 2;
    const corner = random.pick([99, 99, 99, 2, 5]);
    return `.own-toggle{width:${wide}px;height:${high}px;border-radius:${corner}px;background:${random.pick([faint, "#999", raised])};outline:${random.pick([0, 1, 2])}px solid ${faint}}.own-toggle::after{width:${knob}px;height:${knob}px;left:${inset}px;top:${inset}px;border-radius:${corner}px;background:${random.pick(["#fff", ink])};box-shadow:${random.pick(["none", "0 1px 3px #0006"])}}.own-toggle.on::after{left:${wide - knob - inset}px}.own-toggle-row{${random.chance(0.4) ? "display:flex;justify-content:space-between;align-items:center" : ""}}`;
  }

  function tabs(): string {
    const pad = `padding:${random.int(4, 13)}px ${random.int(8, 24)}px`;
    const [rest, chosen] = random.pick([
      ["", `border-bottom:${random.int(2, 4)}px solid ${accent};color:${accent}`],
      [`border-radius:${boxed}px`, `background:${accent};color:${onAccent}`],
      [
        `border:1px solid ${faint};border-radius:${boxed}px ${boxed}px 0 0;margin-bottom:-1px`,
        `background:${raised};font-weight:600`,
      ],
      [`background:${faint}`, `background:${raised};border-top:2px solid ${accent}`],
      ["", "font-weight:700"],
    ] as const);
    return `.th-tabs{display:flex;gap:${random.int(0, 8)}px;list-style:none;padding:0;margin:4px 0;border-bottom:${random.pick([0, 1])}px solid ${faint};${random.chance(0.2) ? `background:${faint};border-radius:${boxed}px;width:fit-content` : ""}}.th-tabs a{display:block;text-decoration:none;color:inherit;${pad};${rest}}.th-tabs .th-on{${chosen}}`;
  }

  function rows(): string {
    const pad = random.int(2, 12);
    const between = random.pick([0, 1]);
    const chosen = random.pick([
      `background:${accent};color:${onAccent}`,
      `background:color-mix(in srgb,${accent} 18%,transparent)`,
      `border-left:3px solid ${accent}`,
      `background:${faint}`,
    ]);
    const stripe = random.chance(0.3) ? `.th-table tr:nth-child(even){background:${faint}}` : "";
    const cell = random.pick([`border-bottom:1px solid ${faint}`, `border:1px solid ${faint}`, ""]);
    return `.th-list{border:${random.pick([0, 1])}px solid ${faint};border-radius:${boxed}px}.th-item{padding:${pad}px ${random.int(6, 16)}px;border-bottom:${between}px solid ${faint};border-radius:${random.pick([0, boxed])}px}.th-item-on{${chosen}}.th-menu{background:${raised};border-radius:${boxed}px;border:${random.pick([0, 1])}px solid ${faint};box-shadow:0 4px 14px #0004}.th-menu-item{display:flex;gap:8px;padding:${random.int(2, 10)}px ${random.int(10, 22)}px;color:inherit;text-decoration:none}.th-table{border-collapse:collapse;${random.chance(0.7) ? "width:100%" : ""}}.th-table th,.th-table td{padding:${random.int(2, 11)}px ${random.int(5, 16)}px;text-align:left;${cell}}.th-table th{font-weight:${random.pick([500, 700])};${random.chance(0.3) ? `background:${faint}` : ""}}${stripe}`;
  }

  function glyphButton(): string {
    const pad = `padding:${random.int(2, 11)}px;border-radius:${random.pick([0, 4, 8, 99])}px;`;
    return (
      pad +
      random.pick([
        "",
        "",
        `border:1px solid ${faint};background:${raised};`,
        `background:${faint};`,
        `background:${accent};color:${onAccent};`,
        `border:1px solid ${faint};box-shadow:${shadow};`,
      ])
    );
  }
}

/** Class names that the random style sheet has rules for. */
export const themedClasses = {
  button: "th-button",
  primary: "th-primary",
  danger: "th-danger",
  small: "th-small",
  input: "th-input",
  area: "th-input",
  select: "th-select",
  check: "th-check",
  radio: "th-radio",
  choice: "th-choice",
  range: "th-range",
  card: "th-card",
  table: "th-table",
  list: "th-list",
  item: "th-item",
  itemActive: "th-item-on",
  tabs: "th-tabs",
  tabActive: "th-on",
  menu: "th-menu",
  menuItem: "th-menu-item",
  badge: "th-badge",
  label: "th-label",
  alert: "th-alert",
} as const;
