import type { CommandInfo } from "../commands/registry.ts";

/** Commands about model files. */
export const modelsCatalogue = {
  models: {
    id: "models",
    title: "Models: get, convert and remove",
    group: "Window",
    keys: ["M"],
    words: "download pull hub gguf import quantisation mmproj",
  },
} as const satisfies Record<string, CommandInfo>;
