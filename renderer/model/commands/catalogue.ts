import type { CommandInfo } from "./registry.ts";

/** The window's own commands. Ids that the native menu sends are those of the contract's `menu.command`. */
export const catalogue = {
  open: { id: "open", title: "Open screenshots", group: "File", keys: ["O", "Mod+O"], words: "file image load" },
  closeImage: { id: "close-image", title: "Close this screenshot", group: "File", keys: ["Delete"], words: "remove" },
  nextImage: { id: "next-image", title: "Next screenshot", group: "File", keys: ["]"] },
  previousImage: { id: "previous-image", title: "Previous screenshot", group: "File", keys: ["["] },
  detect: { id: "detect", title: "Detect", group: "Detection", keys: ["D", "Mod+Enter"], words: "run start analyse" },
  cancel: { id: "cancel", title: "Cancel the detection", group: "Detection", keys: ["Mod+.", "Escape"], words: "stop" },
  deselect: { id: "deselect", title: "Clear the selection", group: "Elements", keys: ["Escape"] },
  copyJson: { id: "copy-json", title: "Copy box as JSON", group: "Elements", keys: ["C"], words: "clipboard" },
  copyPlaywright: {
    id: "copy-playwright",
    title: "Copy as Playwright click",
    group: "Elements",
    keys: ["Shift+P"],
    words: "clipboard test automation mouse",
  },
  copyPyautogui: {
    id: "copy-pyautogui",
    title: "Copy as pyautogui click",
    group: "Elements",
    keys: ["Shift+Y"],
    words: "clipboard python automation mouse",
  },
  copyImage: {
    id: "copy-image",
    title: "Copy image with boxes",
    group: "Elements",
    keys: ["Shift+I"],
    words: "clipboard png picture screenshot",
  },
  palette: { id: "palette", title: "Find a command", group: "Window", keys: ["Mod+K"], words: "palette search" },
  undo: { id: "undo", title: "Undo", group: "Window", keys: ["Mod+Z"], words: "back restore" },
  theme: { id: "theme", title: "Next theme", group: "Window", keys: ["T"], words: "dark light system colours" },
  contrast: {
    id: "contrast",
    title: "High contrast on or off",
    group: "Window",
    words: "accessibility theme colours",
  },
  timings: { id: "toggle-timings", title: "Show or hide timings", group: "Window", keys: ["Mod+J"], words: "stages panel" },
  sidePanel: { id: "toggle-side", title: "Show or hide results", group: "Window", keys: ["Mod+B"], words: "side panel" },
  resetLayout: { id: "reset-layout", title: "Reset panel sizes", group: "Window", words: "splits layout" },
  shortcuts: { id: "shortcuts", title: "Keyboard shortcuts", group: "Help", keys: ["?"], words: "help keys" },
  diagnostics: { id: "copy-diagnostics", title: "Copy diagnostics", group: "Help", words: "log report bug" },
} as const satisfies Record<string, CommandInfo>;
