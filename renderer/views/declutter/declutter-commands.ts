import type { CommandInfo } from "../../model/commands/registry.ts";

/** Commands of the filter; the panel and the canvas show them. */
export const declutterCommands = {
  find: { id: "find-elements", title: "Find elements", group: "Elements", keys: ["/"], words: "search text filter" },
  onlySelected: {
    id: "only-selected",
    title: "Show only the selection, or all again",
    group: "Elements",
    keys: ["I"],
    words: "isolate solo hide others",
  },
  panel: { id: "toggle-filters", title: "Show or hide filters", group: "Elements", keys: ["F"], words: "declutter" },
  reset: { id: "reset-filters", title: "Clear all filters", group: "Elements", words: "declutter show all" },
} as const satisfies Record<string, CommandInfo>;
