import type { CommandInfo } from "../commands/registry.ts";

/** Commands about the library and batches. */
export const runsCatalogue = {
  library: { id: "library", title: "Library of all runs", group: "Runs", keys: ["L"], words: "history search tags" },
  batch: { id: "batch", title: "Detect in a folder", group: "Batch", keys: ["Shift+O"], words: "many files queue" },
  back: { id: "back-to-image", title: "Back to the screenshot", group: "Window", keys: ["Escape"] },
  search: { id: "library-search", title: "Search the library", group: "Runs", keys: ["/"], words: "find filter" },
} as const satisfies Record<string, CommandInfo>;
