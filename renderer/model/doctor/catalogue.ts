import type { CommandInfo } from "../commands/registry.ts";

/** Commands about why a detection takes as long as it does on this machine. */
export const doctorCatalogue = {
  open: {
    id: "doctor",
    title: "Doctor: why it is slow here",
    group: "Help",
    keys: ["Shift+D"],
    words: "diagnose evidence findings speed bf16",
  },
  run: { id: "doctor-run", title: "Examine this machine and model", group: "Help", words: "doctor check again" },
  try: { id: "doctor-try", title: "Try remedies on this screenshot", group: "Help", words: "doctor measure f1 faster" },
} as const satisfies Record<string, CommandInfo>;
