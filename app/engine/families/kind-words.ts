/** Words in which people describe an element of a kind and its place; English, lower case, without hyphens. */

/** Other names of the kinds. A kind that is not listed is known by its label alone. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  button: ["btn", "push button"],
  input: [
    "field",
    "text field",
    "input field",
    "box",
    "text box",
    "textbox",
    "text area",
    "textarea",
    "search bar",
    "entry",
  ],
  checkbox: ["check box", "tick box"],
  radio: ["radio button", "option button"],
  toggle: ["switch", "toggle switch", "toggle button"],
  slider: ["range"],
  select: ["dropdown", "drop down", "dropdown list", "drop down list", "combobox", "combo box", "select box", "picker"],
  tab: ["tab button"],
  link: ["hyperlink"],
  icon: ["symbol"],
  image: ["picture", "photo", "thumbnail", "avatar"],
  menu_item: ["menu", "menu entry", "menu option"],
  list_item: ["list entry", "row"],
  heading: ["headline", "header", "title"],
  text: ["label", "paragraph", "caption"],
};

/** A label as words: "menu_item" -> "menu item". */
export function kindText(label: string): string {
  return label.toLowerCase().replace(/[_-]+/g, " ");
}

/** Every name of the given labels, and the label that it means. A label's own name wins over another's synonym. */
export function kindNames(labels: readonly string[]): ReadonlyMap<string, string> {
  const also = labels.flatMap((label) =>
    (synonyms[label.toLowerCase()] ?? []).map((name): [string, string] => [name, label]),
  );
  return new Map([...also, ...labels.map((label): [string, string] => [kindText(label), label])]);
}

export type Side = "top" | "bottom" | "left" | "right";
export type Extent = "largest" | "smallest";

export const sideOf: Readonly<Record<string, Side>> = {
  top: "top",
  upper: "top",
  topmost: "top",
  bottom: "bottom",
  lower: "bottom",
  bottommost: "bottom",
  left: "left",
  leftmost: "left",
  right: "right",
  rightmost: "right",
};

export const extentOf: Readonly<Record<string, Extent>> = {
  largest: "largest",
  biggest: "largest",
  smallest: "smallest",
};

const ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/** 1 for "first", "1st" and "1"; -1 for "last". */
export function ordinalOf(word: string): number | undefined {
  if (word === "last") return -1;
  const index = ordinals.indexOf(word);
  if (index >= 0) return index + 1;
  const number = Number(/^([1-9][0-9]{0,2})(?:st|nd|rd|th)?$/.exec(word)?.[1]);
  return Number.isNaN(number) ? undefined : number;
}

/** Words after which a description names another element, such as "in" and "below". */
export const relationWords: ReadonlySet<string> = new Set(
  "in on at of with near under below above beside next by for from to inside within between that which labelled labeled".split(
    " ",
  ),
);

/** Words that say nothing about which element is meant. */
export const fillers: ReadonlySet<string> = new Set(
  "a an the this that which is located one number no side corner edge half part area hand most screen page window on at in of from to".split(
    " ",
  ),
);
