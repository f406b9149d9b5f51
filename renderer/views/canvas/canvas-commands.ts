import type { CommandInfo } from "../../model/commands/registry.ts";

/** Commands of the canvas; its toolbar shows their keys. */
export const canvasCommands = {
  fit: { id: "fit", title: "Fit the window", group: "Canvas", keys: ["0"], words: "zoom whole" },
  actualPixels: { id: "actual-pixels", title: "Actual pixels", group: "Canvas", keys: ["1"], words: "zoom 100 % 1:1" },
  zoomIn: { id: "zoom-in", title: "Zoom in", group: "Canvas", keys: ["+", "="], words: "closer larger" },
  zoomOut: { id: "zoom-out", title: "Zoom out", group: "Canvas", keys: ["-"], words: "smaller" },
  toggleBoxes: { id: "toggle-boxes", title: "Show or hide all boxes", group: "Canvas", keys: ["H"], words: "hide all" },
  toggleLabels: {
    id: "toggle-labels",
    title: "Show or hide labels",
    group: "Canvas",
    keys: ["L"],
    words: "tags names",
  },
} as const satisfies Record<string, CommandInfo>;
