/**
 * Colours of labels, chosen by search so that any two stay apart in normal vision and in simulated protanopia,
 * deuteranopia and tritanopia (Machado, Oliveira and Fernandes 2009), and each has a contrast of 3 : 1 to white. The
 * first ones, which the common labels take, lie furthest from each other.
 */
export const labelPalette = [
  "#0070a6",
  "#da7e1e",
  "#642819",
  "#2e337a",
  "#a24c35",
  "#a780e6",
  "#3d27d2",
  "#634765",
  "#9848f4",
  "#6b8a6a",
  "#c86220",
  "#853900",
  "#4d324f",
  "#409aaf",
  "#7f5c76",
] as const;

/**
 * Roles that detectors commonly name, each with a colour of its own, so that frequent labels never share one. Only ever
 * added to at the end: files keep their places as category ids of COCO.
 */
export const commonLabels: readonly string[] = [
  "button",
  "link",
  "input",
  "checkbox",
  "menu_item",
  "tab",
  "heading",
  "radio",
  "image",
  "icon",
  "list_item",
  "select",
  "slider",
  "toggle",
  "text",
];

/** What makes two labels the same one: case and separators do not, "Menu item" is "menu_item". */
export function labelKey(label: string): string {
  return label
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
}

/** FNV-1a over UTF-16 units, 0 to 2^32 - 1: the same on every machine and in every run. */
export function labelHash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}

/** CSS hex colour of a label, a function of the label alone. */
export function labelColor(label: string): string {
  const name = labelKey(label);
  const known = commonLabels.indexOf(name);
  const index = known >= 0 ? known : labelHash(name) % labelPalette.length;
  return labelPalette[index] ?? labelPalette[0];
}

/** CSS hex colour of an element: the one that its model names for the label, else the label's. */
export function elementColor({
  color,
  label,
}: {
  readonly color?: string | undefined;
  readonly label: string;
}): string {
  return color ?? labelColor(label);
}

/** The number by which people call an element, such as the tag in a picture: "e12" is 12. */
export function elementNumber(id: string): string {
  return id.replace(/^e/, "");
}

/** A label as shown: "list_item" -> "list item". */
export function labelText(label: string): string {
  return label.replaceAll("_", " ");
}

/** Linear-light luminance 0..1 of a CSS hex colour (WCAG 2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Text colour with the higher contrast upon a colour. */
export function inkOn(color: string): "#ffffff" | "#101318" {
  const behind = luminance(color) + 0.05;
  return 1.05 / behind >= behind / (luminance("#101318") + 0.05) ? "#ffffff" : "#101318";
}
