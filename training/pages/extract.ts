import type { Page } from "@playwright/test";

/** What is visible of a page that is open in Chromium. */
export async function elementsOf(page: Page): Promise<PageElement[]> {
  // tsx names inner functions with a helper that the page does not have.
  await page.evaluate("globalThis.__name = (value) => value");
  return page.evaluate(visibleElements);
}

/** Runs in the page: what is visible of each `data-el`, in CSS px of the viewport. Nothing of this module may be used in it. */
export interface PageElement {
  readonly bbox: readonly [number, number, number, number];
  readonly label: string;
  readonly interactive: boolean;
}

/** LABELS.md's rules 3 and 4 for a rendered page: clipped to what can be seen, at least half of it visible, sides of 4 px. */
export function visibleElements(): PageElement[] {
  type Box = { x1: number; y1: number; x2: number; y2: number };
  const passive = new Set(["heading", "text", "image"]);
  const found: PageElement[] = [];
  const area = (b: Box) => Math.max(0, b.x2 - b.x1) * Math.max(0, b.y2 - b.y1);
  const ofRect = (r: DOMRect): Box => ({ x1: r.left, y1: r.top, x2: r.right, y2: r.bottom });
  const meet = (a: Box, b: Box): Box => ({
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  });
  const contents = (element: Element): Box => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return ofRect(range.getBoundingClientRect());
  };
  const clipped = (element: Element, box: Box): Box => {
    let seen = meet(box, { x1: 0, y1: 0, x2: innerWidth, y2: innerHeight });
    for (let up = element.parentElement; up !== null && up !== document.documentElement; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX !== "visible" || style.overflowY !== "visible")
        if (up !== document.body) seen = meet(seen, ofRect(up.getBoundingClientRect()));
    }
    return seen;
  };
  /** Share of a 4 x 4 grid of points at which the element, a part of it or its label is on top. */
  const onTop = (element: Element, box: Box): number => {
    let hits = 0;
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 4; column++) {
        const top = document.elementFromPoint(
          box.x1 + ((column + 0.5) / 4) * (box.x2 - box.x1),
          box.y1 + ((row + 0.5) / 4) * (box.y2 - box.y1),
        );
        if (top !== null && (element.contains(top) || top.contains(element))) hits++;
      }
    }
    return hits / 16;
  };
  const add = (element: Element, label: string, whole: Box) => {
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || Number(style.opacity) < 0.1) return;
    const seen = clipped(element, whole);
    if (area(whole) <= 0 || area(seen) / area(whole) < 0.5 || seen.x2 - seen.x1 < 4 || seen.y2 - seen.y1 < 4) return;
    if (onTop(element, seen) < 0.5) return;
    found.push({
      bbox: [seen.x1, seen.y1, seen.x2, seen.y2],
      label,
      interactive: !passive.has(label) && !(label === "icon" && !element.matches("button, a, [role=button]")),
    });
  };
  for (const element of document.querySelectorAll("[data-el]")) {
    const label = element.getAttribute("data-el") ?? "";
    const written = label === "text" || label === "heading" || label === "link";
    add(element, label, written ? contents(element) : ofRect(element.getBoundingClientRect()));
  }
  for (const element of document.querySelectorAll("[data-text]")) add(element, "text", contents(element));
  /** Lengths that Chromium computes leave the page's zoom out; together, in px of the viewport. */
  const lengths = (element: Element, ...values: string[]) =>
    element.currentCSSZoom * values.reduce((sum, value) => sum + (Number.parseFloat(value) || 0), 0);
  /** Pseudo-elements have no rectangle of their own. */
  const pseudoBox = (element: Element, pseudo: "::before" | "::after"): Box => {
    const style = getComputedStyle(element, pseudo);
    const whole = element.getBoundingClientRect();
    const x1 = whole.left + lengths(element, style.left, style.marginLeft);
    const y1 = whole.top + lengths(element, style.top, style.marginTop);
    // Where borders count as part of the width, the computed width holds them already.
    const bordered = style.boxSizing !== "border-box";
    const [across, down] = bordered
      ? [
          [style.borderLeftWidth, style.borderRightWidth],
          [style.borderTopWidth, style.borderBottomWidth],
        ]
      : [[], []];
    return {
      x1,
      y1,
      x2: x1 + lengths(element, style.width, ...across),
      y2: y1 + lengths(element, style.height, ...down),
    };
  };
  // Marks that a library draws before or after a label's text, beside a hidden input: the square, and the smaller tick in it.
  for (const element of document.querySelectorAll("[data-mark]")) {
    const [before, after] = [pseudoBox(element, "::before"), pseudoBox(element, "::after")];
    const box = area(after) > area(before) ? after : before;
    if (box.x2 - box.x1 >= 6 && box.y2 - box.y1 >= 6) add(element, element.getAttribute("data-mark") ?? "", box);
    if (element.querySelector("[data-el]") !== null) continue;
    const text = contents(element);
    const padding = lengths(element, getComputedStyle(element).paddingLeft);
    add(element, "text", { ...text, x1: Math.max(text.x1, element.getBoundingClientRect().left + padding) });
  }
  return found;
}
