import type { ModelSuggestion } from "../../../contract/index.ts";

/**
 * Models of the families that Holoscope knows, as hub references of GGUF repositories, those of their makers first. They
 * name no files, since file names differ between repositories: the user chooses from a listing.
 */
export const modelSuggestions: readonly ModelSuggestion[] = [
  {
    name: "Holo4-35B-A3B",
    reference: "hf:Hcompany/Holo4-35B-A3B-GGUF",
    note: "The newest Holo, by its makers: locates one described element. 3 of 35 billion weights are used for a token.",
  },
  {
    name: "Holo4-27B",
    reference: "hf:Hcompany/Holo4-27B-GGUF",
    note: "As Holo4-35B-A3B, with all weights used: smaller and slower.",
  },
  {
    name: "Holo3.1-35B-A3B",
    reference: "hf:Hcompany/Holo-3.1-35B-A3B-GGUF",
    note: "The generation before Holo4, by its makers.",
  },
  {
    name: "Holo1.5-7B",
    reference: "hf:mradermacher/Holo1.5-7B-GGUF",
    note: "Trained to locate one described element; answers with a point.",
  },
  {
    name: "Holo1.5-3B",
    reference: "hf:mradermacher/Holo1.5-3B-GGUF",
    note: "As Holo1.5-7B, smaller and faster.",
  },
  {
    name: "Holo2-8B",
    reference: "hf:mradermacher/Holo2-8B-GGUF",
    note: "Successor of Holo1.5, built on Qwen3-VL; locates one described element.",
  },
  {
    name: "Holo2-4B",
    reference: "hf:mradermacher/Holo2-4B-GGUF",
    note: "As Holo2-8B, smaller and faster.",
  },
  {
    name: "Qwen2.5-VL-7B",
    reference: "hf:ggml-org/Qwen2.5-VL-7B-Instruct-GGUF",
    note: "General vision model that also lists elements with boxes.",
  },
  {
    name: "Qwen2.5-VL-3B",
    reference: "hf:ggml-org/Qwen2.5-VL-3B-Instruct-GGUF",
    note: "As Qwen2.5-VL-7B, smaller and faster.",
  },
  {
    name: "Qwen3-VL-8B",
    reference: "hf:Qwen/Qwen3-VL-8B-Instruct-GGUF",
    note: "Newer general vision model that also lists elements with boxes.",
  },
  {
    name: "Qwen3-VL-4B",
    reference: "hf:Qwen/Qwen3-VL-4B-Instruct-GGUF",
    note: "As Qwen3-VL-8B, smaller and faster.",
  },
];
