import { catalogue } from "../../model/commands/catalogue.ts";
import type { CommandInfo } from "../../model/commands/registry.ts";

/** Commands of the canvas; its toolbar shows their keys. */
export const canvasCommands = {
  fit: { id: "fit", title: "Fit the window", group: "Canvas", keys: ["0"], words: "zoom whole" },
  actualPixels: { id: "actual-pixels", title: "Actual pixels", group: "Canvas", keys: ["1"], words: "zoom 100 % 1:1" },
  zoomIn: { id: "zoom-in", title: "Zoom in", group: "Canvas", keys: ["+", "="], words: "closer larger" },
  zoomOut: { id: "zoom-out", title: "Zoom out", group: "Canvas", keys: ["-"], words: "smaller" },
  // With the native menu's key.
  toggleBoxes: catalogue.toggleBoxes,
  toggleLabels: {
    id: "toggle-labels",
    title: "Show or hide labels",
    group: "Canvas",
    keys: ["Shift+H"],
    words: "tags names",
  },
} as const satisfies Record<string, CommandInfo>;
