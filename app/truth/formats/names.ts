import { labelKey } from "../../presentation/labels.ts";

/**
 * ARIA roles (WAI-ARIA 1.2), HTML tags and Android's widget classes (android.widget) by the names that detectors
 * commonly give them.
 */
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
  imagebutton: "button",
  imageview: "image",
  textview: "text",
  checkedtextview: "checkbox",
  edittext: "input",
  autocompletetextview: "input",
  radiobutton: "radio",
  togglebutton: "toggle",
  switchcompat: "toggle",
  spinner: "select",
  seekbar: "slider",
  tabview: "tab",
};

/** A detector's label for a role, tag or class; itself where none is known. */
export function detectorLabel(role: string | undefined): string | undefined {
  if (role === undefined) return undefined;
  const name = labelKey(role);
  return Object.hasOwn(detectorNames, name) ? detectorNames[name] : name;
}
