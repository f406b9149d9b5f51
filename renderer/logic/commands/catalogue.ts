import type { CommandGroup, CommandInfo } from "./registry.ts";

/** Declares the commands of one group; the arguments are the fields of `CommandInfo`. */
const commandsOf =
  (group: CommandGroup) =>
  (id: string, title: string, keys?: readonly string[], words?: string): CommandInfo => ({
    id,
    title,
    group,
    keys,
    words,
  });

const file = commandsOf("File");
const detection = commandsOf("Detection");
const canvas = commandsOf("Canvas");
const elements = commandsOf("Elements");
const compare = commandsOf("Compare");
const runs = commandsOf("Runs");
const window = commandsOf("Window");
const help = commandsOf("Help");

/** The window's own commands. Ids that the native menu sends are those of the contract's `menu.command`. */
export const catalogue = {
  open: file("open", "Open screenshots", ["O", "Mod+O"], "file image load"),
  closeImage: file("close-image", "Close this screenshot", ["Delete"], "remove"),
  deleteImage: file("delete-image", "Delete this screenshot and its runs…", [], "remove erase forever disk"),
  nextImage: file("next-image", "Next screenshot", ["]"]),
  previousImage: file("previous-image", "Previous screenshot", ["["]),
  detect: detection("detect", "Detect", ["D", "Mod+Enter"], "run start analyse"),
  cancel: detection("cancel", "Cancel the detection", ["Mod+.", "Escape"], "stop"),
  toggleBoxes: canvas("toggle-boxes", "Show or hide boxes", ["H", "Mod+Shift+B"], "hide all overlay"),
  deselect: elements("deselect", "Clear the selection", ["Escape"]),
  copyJson: elements("copy-json", "Copy box as JSON", ["C"], "clipboard"),
  copyPlaywright: elements(
    "copy-playwright",
    "Copy as Playwright click",
    ["Shift+P"],
    "clipboard test automation mouse",
  ),
  copyPyautogui: elements(
    "copy-pyautogui",
    "Copy as pyautogui click",
    ["Shift+Y"],
    "clipboard python automation mouse",
  ),
  copyImage: elements("copy-image", "Copy image with boxes", ["Shift+I"], "clipboard png picture screenshot"),
  palette: window("palette", "Find a command", ["Mod+K"], "palette search"),
  undo: window("undo", "Undo", ["Mod+Z"], "back restore"),
  theme: window("theme", "Next theme", ["T"], "dark light system colours"),
  contrast: window("contrast", "High contrast on or off", [], "accessibility theme colours"),
  timings: window("toggle-timings", "Show or hide timings", ["Mod+J"], "stages panel"),
  sidePanel: window("toggle-side", "Show or hide results", ["Mod+B"], "side panel"),
  settings: window("settings", "Settings", ["Mod+,"], "preferences options overrides defaults reset"),
  resetLayout: window("reset-layout", "Reset panel sizes", [], "splits layout"),
  shortcuts: help("shortcuts", "Keyboard shortcuts", ["?"], "help keys"),
  diagnostics: help("copy-diagnostics", "Copy diagnostics", [], "log report bug"),
};

/** Commands of the canvas; its toolbar shows their keys. */
export const canvasCatalogue = {
  fit: canvas("fit", "Fit the window", ["0"], "zoom whole"),
  actualPixels: canvas("actual-pixels", "Actual pixels", ["1"], "zoom 100 % 1:1"),
  zoomIn: canvas("zoom-in", "Zoom in", ["+", "="], "closer larger"),
  zoomOut: canvas("zoom-out", "Zoom out", ["-"], "smaller"),
  toggleLabels: canvas("toggle-labels", "Show or hide labels", ["Shift+H"], "tags names"),
};

/** Commands of the filter. */
export const declutterCatalogue = {
  find: elements("find-elements", "Find elements", ["/"], "search text filter"),
  onlySelected: elements("only-selected", "Show only the selection, or all again", ["I"], "isolate solo hide others"),
  panel: elements("toggle-filters", "Show or hide filters", ["F"], "declutter"),
  reset: elements("reset-filters", "Clear all filters", [], "declutter show all"),
};

/** The comparison's commands; all but `compare` are there only while it is open. */
export const compareCatalogue = {
  flicker: compare("compare-flicker", "Flicker between A and B", ["F"]),
  swipe: compare("compare-swipe", "Divide the picture by a line", ["S"], "swipe"),
  both: compare("compare-both", "Show both runs upon each other", ["B"], "overlay"),
  swap: compare("compare-swap", "Swap A and B", ["X"], "sides"),
  fit: compare("compare-fit", "Fit the compared screenshot", ["0"], "zoom"),
  oneToOne: compare("compare-pixels", "Actual pixels of the compared screenshot", ["1"]),
  zoomIn: compare("compare-zoom-in", "Zoom in on both runs", ["+", "="]),
  zoomOut: compare("compare-zoom-out", "Zoom out of both runs", ["-"]),
  close: compare("compare-close", "Close the comparison", ["Escape"], "back"),
  compare: compare("compare-runs", "Compare the ticked runs", [], "difference A B"),
};

/** Commands that lead to the wide views and back, and those of single views. */
export const viewCatalogue = {
  back: window("back-to-image", "Back to the screenshot", ["Escape"]),
  library: runs("library", "Library of all runs", ["L"], "history search tags"),
  searchLibrary: runs("library-search", "Search the library", ["/"], "find filter"),
  batch: commandsOf("Batch")("batch", "Detect in a folder", ["Shift+O"], "many files queue"),
  models: window(
    "models",
    "Models: get, convert and remove",
    ["M"],
    "download pull hub gguf import quantisation mmproj",
  ),
  operators: runs("operators", "Operator profile of the shown run", ["P"], "profiler attention layers slow nodes"),
  profile: detection("operators-run", "Profile this run", [], "operators measure attention layers"),
  doctor: help("doctor", "Doctor: why it is slow here", ["Shift+D"], "diagnose evidence findings speed bf16"),
  examine: help("doctor-run", "Examine this machine and model", [], "doctor check again"),
  tryRemedies: help("doctor-try", "Try remedies on this screenshot", [], "doctor measure f1 faster"),
};
