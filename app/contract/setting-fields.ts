import { z } from "zod";
import { backendChoiceSchema, modeSchema } from "./model.ts";
import { profileNameSchema, type SettingTable, setting } from "./setting.ts";

export const bundledModelId = "nano";

export const vitPathSchema = z.enum(["windowed", "upstream"]);
const autoOnOff = { auto: "Auto", on: "On", off: "Off" } as const;

/** What the user chooses once for all detections, and what concerns the window and the machine. */
export const generalSettings = {
  modelId: setting(z.string().max(300), bundledModelId, {
    title: "Model",
    group: "Detection",
    about: "The model that detects.",
    flag: "--model <id|path>",
  }),
  backend: setting(backendChoiceSchema, "auto", {
    title: "Backend",
    group: "Detection",
    about: "Where the model runs; auto takes the fastest backend that works.",
    words: { auto: "Auto", cuda: "CUDA", metal: "Metal", vulkan: "Vulkan", cpu: "CPU" },
    flag: "--backend <name>",
  }),
  profile: setting(profileNameSchema, "balanced", {
    title: "Profile",
    group: "Detection",
    about: "Speed against quality: gives the settings of the answer their defaults.",
    words: { speed: "Speed", balanced: "Balanced", quality: "Quality" },
    flag: "--profile <name>",
  }),
  mode: setting(modeSchema, "detect", {
    title: "Mode",
    group: "Detection",
    about: "Find every element, or locate the one that is described.",
    words: { detect: "Detect all", locate: "Locate" },
    flag: "--mode <mode>",
  }),
  resultCache: setting(z.boolean(), true, {
    title: "Result cache",
    group: "Speed-ups",
    about:
      "Answer with the stored run of the very same detection, on the command line and at /parse. The window's own button and repeats always detect.",
    flag: "--no-cache",
  }),
  keepParsed: setting(z.boolean(), false, {
    title: "Keep what services are sent",
    group: "What is kept",
    about:
      "Keep screenshots and runs that come by /parse and /navigate. When off they are gone once answered, and the same request is detected again. The window and the command line keep theirs.",
  }),
  keepDays: setting(z.int().min(0).max(36_500), 0, {
    title: "Keep for days",
    group: "What is kept",
    about:
      "Days after which runs, and screenshots that were not opened or detected since, are removed for good. Names, notes and ground truth go with them.",
    unit: "days",
    words: { 0: "for ever" },
  }),
  keepGb: setting(z.number().min(0).max(100_000), 0, {
    title: "Keep at most",
    group: "What is kept",
    about:
      "Most space of screenshots and runs; beyond it the ones used longest ago are removed for good. The newest screenshot always stays.",
    unit: "GB",
    words: { 0: "no limit" },
  }),
  theme: setting(z.enum(["system", "light", "dark"]), "system", {
    title: "Theme",
    group: "Window and machine",
    about: "Appearance of the window.",
    words: { system: "As the system", light: "Light", dark: "Dark" },
  }),
  machineName: setting(z.string().max(80), "", {
    title: "Machine name",
    group: "Window and machine",
    about: "Name of this machine in run records.",
    words: { "": "made from the CPU" },
  }),
} satisfies SettingTable;

/** Everything that decides how a detection runs. A profile is a full set; any of them can be overridden. */
export const detectionSettings = {
  maxImageTokens: setting(
    z.int().min(4).max(16384),
    { speed: 640, balanced: 1280, quality: 2880 },
    {
      title: "Image tokens",
      group: "Answer",
      about: "Most tokens that the image takes; it is shrunk to fit. A model may allow fewer.",
    },
  ),
  maxNewTokens: setting(
    z.int().min(1).max(8192),
    { speed: 1024, balanced: 2048, quality: 4096 },
    { title: "New tokens", group: "Answer", about: "Most tokens of the answer; a longer one is cut short." },
  ),
  maxDetections: setting(
    z.int().min(1).max(500),
    { speed: 100, balanced: 200, quality: 400 },
    { title: "Elements", group: "Answer", about: "Most elements of the answer." },
  ),
  minConfidence: setting(
    z.number().min(0).max(1),
    { speed: 0.3, balanced: 0.25, quality: 0.2 },
    {
      title: "Minimum confidence",
      group: "Answer",
      about: "Elements below it are kept apart, not thrown away. A model's own file may name other defaults.",
    },
  ),
  refine: setting(z.int().min(0).max(5), 0, {
    title: "Refine",
    group: "Detection",
    about:
      "Locate again, up to so many times, in a crop of half the size around the answer, which the model sees larger. Each time costs as much as a detection; timing operators goes without it.",
    words: { 0: "never" },
    flag: "--refine <n>",
  }),
  focus: setting(z.boolean(), false, {
    title: "Focus",
    group: "Speed-ups",
    about:
      "Detect only what changed since the last screenshot of this size, and keep its other elements. Faster, but may differ from a full pass.",
    flag: "--focus",
  }),
  reuseImage: setting(z.boolean(), true, {
    title: "Reuse of images",
    group: "Speed-ups",
    about:
      "Keep what was computed for an image, so that another target, prompt or profile on it skips decode, resize, encode and image prefill. Repeats never do.",
    flag: "--no-reuse",
  }),
  prefetch: setting(z.boolean(), true, {
    title: "Prefetch",
    group: "Speed-ups",
    about:
      "Decode and resize the next queued image while the answer to the present one is generated. Such stages are marked as overlapped; repeats and profiled runs go without it.",
    flag: "--no-prefetch",
  }),
  jumpForward: setting(z.enum(["auto", "on", "off"]), "auto", {
    title: "Several tokens a call",
    group: "Speed-ups",
    about:
      "Decode tokens that the grammar forces, or that every element has, several at a time. The answer is the same but for rounding; auto does so where the whole language model is on a GPU.",
    words: autoOnOff,
    flag: "--no-jump-forward",
  }),
  flashAttention: setting(z.enum(["auto", "on", "off"]), "auto", {
    title: "Flash attention",
    group: "Speed-ups",
    about: "Attention that never writes its whole score matrix to memory; auto uses it where the backend can.",
    words: autoOnOff,
  }),
  vit: setting(vitPathSchema, "windowed", {
    title: "Windowed attention",
    group: "Speed-ups",
    about:
      "How the windowed layers of Qwen2.5-VL's encoder are computed: inside each window, or upstream as llama.cpp does it, between all patches behind a mask. The same to rounding; other encoders have no such layers.",
    words: { windowed: "Windowed", upstream: "As llama.cpp" },
    flag: "--vit <path>",
  }),
  cpuAttention: setting(z.boolean(), true, {
    title: "Attention kernel for CPUs",
    group: "Speed-ups",
    about:
      "Compute the encoder's flash attention by Holoscope's own kernel on a CPU with AVX2, AVX-512 or NEON. The same to rounding as llama.cpp's.",
    flag: "--no-cpu-attention",
  }),
  contextTokens: setting(z.int().min(0).max(131072), 0, {
    title: "Context",
    group: "Memory and threads",
    about: "Size of the language model's context in tokens.",
    words: { 0: "as much as needed" },
  }),
  batchTokens: setting(z.int().min(0).max(16384), 0, {
    title: "Batch",
    group: "Memory and threads",
    about: "Tokens that are prefilled at once; splitting an image over several batches is known to shift boxes.",
    words: { 0: "the whole image" },
  }),
  gpuLayers: setting(z.int().min(-1).max(1000), -1, {
    title: "GPU layers",
    group: "Memory and threads",
    about: "Layers of the language model on the GPU; with 0 the vision encoder stays on the CPU too.",
    words: { "-1": "all" },
  }),
  reuseBudgetMb: setting(z.int().min(0).max(65536), 512, {
    title: "Memory for reuse",
    group: "Memory and threads",
    about: "Most memory for what is kept of recent images, which are at most eight.",
    unit: "MiB",
    words: { 0: "keep nothing" },
  }),
  threads: setting(z.int().min(0).max(512), 0, {
    title: "Threads",
    group: "Memory and threads",
    about: "Threads of encode and prefill on a CPU; never more than physical cores.",
    words: { 0: "all physical cores" },
  }),
  generateThreads: setting(z.int().min(0).max(512), 0, {
    title: "Threads for generation",
    group: "Memory and threads",
    about: "Threads of generation on a CPU; small models are fastest on one.",
    words: { 0: "by model size" },
  }),
} satisfies SettingTable;
