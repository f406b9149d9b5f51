import type { CommandInfo } from "../commands/registry.ts";

/** The comparison's commands; there only while it is open. */
export const compareCatalogue = {
  flicker: { id: "compare-flicker", title: "Flicker between A and B", group: "Compare", keys: ["F"] },
  swipe: { id: "compare-swipe", title: "Divide the picture by a line", group: "Compare", keys: ["S"], words: "swipe" },
  both: {
    id: "compare-both",
    title: "Show both runs upon each other",
    group: "Compare",
    keys: ["B"],
    words: "overlay",
  },
  swap: { id: "compare-swap", title: "Swap A and B", group: "Compare", keys: ["X"], words: "sides" },
  fit: { id: "compare-fit", title: "Fit the compared screenshot", group: "Compare", keys: ["0"], words: "zoom" },
  oneToOne: { id: "compare-pixels", title: "Actual pixels of the compared screenshot", group: "Compare", keys: ["1"] },
  zoomIn: { id: "compare-zoom-in", title: "Zoom in on both runs", group: "Compare", keys: ["+", "="] },
  zoomOut: { id: "compare-zoom-out", title: "Zoom out of both runs", group: "Compare", keys: ["-"] },
  close: { id: "compare-close", title: "Close the comparison", group: "Compare", keys: ["Escape"], words: "back" },
  compare: { id: "compare-runs", title: "Compare the ticked runs", group: "Compare", words: "difference A B" },
} as const satisfies Record<string, CommandInfo>;
