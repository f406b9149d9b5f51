import { expect, test } from "@playwright/test";
import { elementsOf } from "../../training/pages/extract.ts";

/** A hidden box, and a label that draws it as pseudo-elements, as Carbon, Materialize and 98.css do each in its way. */
const page = (css: string, zoom: number) => `<!doctype html><html><head><style>
  :root { zoom: ${zoom} } body { margin: 0 }
  label { position: absolute; left: 20px; top: 10px; font: 16px monospace; padding-left: 30px }
  label::before, label::after { content: ""; position: absolute; left: 0; top: 0 }
  ${css}</style></head><body><label data-mark="checkbox">word</label></body></html>`;

const looks: Readonly<
  Record<string, { readonly css: string; readonly box: readonly [number, number, number, number] }>
> = {
  "a square before the text, with a margin, and a tick in it": {
    css: `label::before { box-sizing: border-box; width: 16px; height: 16px; border: 1px solid; top: 2px; margin: 1px 0 0 3px }
        label::after { width: 9px; height: 5px }`,
    box: [23, 13, 39, 29],
  },
  "a tick before it, and the square after": {
    css: `label::before { width: 8px; height: 13px; border: 2px solid }
        label::after { width: 20px; height: 20px; border: 2px solid; left: 1px }`,
    box: [21, 10, 45, 34],
  },
};

for (const [name, { css, box }] of Object.entries(looks)) {
  for (const zoom of [1, 1.5, 0.75]) {
    test(`a training page's check box is ${name}, at zoom ${zoom}`, async ({ page: tab }) => {
      await tab.setContent(page(css, zoom));
      const [mark, text] = await elementsOf(tab);
      expect(mark?.label).toBe("checkbox");
      // Chromium rounds a frame's width to whole px.
      const off = mark?.bbox.map((side, index) => Math.abs(side - zoom * (box[index] ?? Number.NaN))) ?? [Number.NaN];
      expect(Math.max(...off)).toBeLessThanOrEqual(1.01);
      expect(text?.label).toBe("text");
      expect(text?.bbox[0]).toBeCloseTo(zoom * 50, 0);
    });
  }
}

test("a caption of its own beside a mark is not listed twice", async ({ page: tab }) => {
  const css = "label::before { width: 16px; height: 16px }";
  const html = page(css, 1).replace("word", '<span data-el="text">word</span>');
  await tab.setContent(html);
  const found = await elementsOf(tab);
  expect(found.map(({ label }) => label).sort()).toEqual(["checkbox", "text"]);
});
