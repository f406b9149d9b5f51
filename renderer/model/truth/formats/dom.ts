import { z } from "zod";
import { labelKey } from "../../label-colors.ts";
import { type DocumentImage, fromCorner } from "../document.ts";
import { checked } from "./checked.ts";

/**
 * Elements of a page with the boxes of Playwright's `locator.boundingBox()` or the DOM's `getBoundingClientRect()`:
 * CSS px from the upper left of the screenshot, null for what is not visible. Either the bare list, or an object that
 * also tells how many px of the screenshot one CSS px is. The list names no image: it belongs to the shown one.
 */
const elementSchema = z
  .object({
    role: z.string().nullish(),
    tag: z.string().nullish(),
    tagName: z.string().nullish(),
    name: z.string().nullish(),
    text: z.string().nullish(),
    boundingBox: z
      .object({
        x: z.number(),
        y: z.number(),
        width: z.number().min(0),
        height: z.number().min(0),
      })
      .nullable(),
  })
  .refine((element) => roleOf(element) !== undefined, "there is neither role nor tag");
const listSchema = z.array(elementSchema);
const pageSchema = z.object({
  elements: listSchema,
  image: z.string().min(1).optional(),
  deviceScaleFactor: z.number().positive().default(1),
});

const expected =
  'A DOM export is a list of {"role" or "tag", "name", "boundingBox": {"x", "y", "width", "height"}}, or {"elements": list, "deviceScaleFactor": 2}.';

/** Throws BAD_REQUEST. */
export function readDom(value: unknown): readonly DocumentImage[] {
  const page = Array.isArray(value) ? { elements: value } : value;
  const { elements, image, deviceScaleFactor } = checked(pageSchema, page, "a DOM export", expected);
  return [
    {
      name: image,
      unit: { of: "css", scale: deviceScaleFactor },
      elements: elements.flatMap((element) => {
        const { boundingBox: box, name, text } = element;
        if (box === null) return [];
        return [
          {
            label: labelOf(roleOf(element)),
            text: name ?? text ?? undefined,
            bbox: fromCorner(box.x, box.y, box.width, box.height),
          },
        ];
      }),
    },
  ];
}

interface Named {
  readonly role?: string | null | undefined;
  readonly tag?: string | null | undefined;
  readonly tagName?: string | null | undefined;
}

function roleOf({ role, tag, tagName }: Named): string | undefined {
  return role || tag || tagName || undefined;
}

/** ARIA roles (WAI-ARIA 1.2) and HTML tags by the names that detectors commonly give them. */
const detectorNames: Readonly<Record<string, string>> = {
  a: "link",
  img: "image",
  textbox: "input",
  searchbox: "input",
  spinbutton: "input",
  textarea: "input",
  combobox: "select",
  listbox: "select",
  switch: "toggle",
  menuitem: "menu_item",
  menuitemcheckbox: "menu_item",
  menuitemradio: "menu_item",
  listitem: "list_item",
  option: "list_item",
  li: "list_item",
  h1: "heading",
  h2: "heading",
  h3: "heading",
  h4: "heading",
  h5: "heading",
  h6: "heading",
};

function labelOf(role: string | undefined): string | undefined {
  if (role === undefined) return undefined;
  const name = labelKey(role);
  return detectorNames[name] ?? name;
}
