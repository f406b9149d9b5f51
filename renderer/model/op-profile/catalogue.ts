import type { CommandInfo } from "../commands/registry.ts";

/** Commands about where the time of a run goes, operator by operator. */
export const profileCatalogue = {
  open: {
    id: "profile",
    title: "Operator profile of the shown run",
    group: "Runs",
    keys: ["P"],
    words: "profiler attention layers slow nodes",
  },
  run: {
    id: "profile-run",
    title: "Profile this run",
    group: "Detection",
    words: "operators measure attention layers",
  },
} as const satisfies Record<string, CommandInfo>;
