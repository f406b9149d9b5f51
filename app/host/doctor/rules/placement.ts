import { plural } from "../../../presentation/numbers.ts";
import { largeForCpu } from "../case.ts";
import type { Rules, Verdict } from "./rule.ts";

function lowerFirst(text: string): string {
  // Keeps capitals of names such as CUDA or NVIDIA.
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function remedyFor(why: string): string {
  if (/driver is too old/i.test(why)) return "Update the NVIDIA driver.";
  const missing = /was not found; it comes with ([^;.]+)/.exec(why)?.[1];
  if (missing !== undefined) return `Install ${missing}.`;
  if (/not built|not there|not installed/i.test(why)) {
    return "Install Holoscope again; from source, run: npm run build:native";
  }
  return "Install or update the graphics driver, and look at the reasons under Backends.";
}

export const placementRules: Rules = {
  "cpu-although-gpu": ({ engine, fallback, system, backends, backendChoice }) => {
    if (engine?.backend !== "cpu") return;
    const gpu = system.nvidia?.gpus[0];
    const usable = backends.find(({ backend, available }) => backend !== "cpu" && available);
    if (backendChoice === "cpu" && usable !== undefined) {
      return {
        severity: "warning",
        title: `The engine runs on the CPU because it was chosen, although ${usable.backend} works here.`,
        remedy: 'Choose the backend "auto".',
        action: { type: "change-backend", backend: "auto" },
        source: usable.source,
        evidence: [`backends.${usable.backend}`],
      };
    }
    if (gpu !== undefined) {
      const cuda = backends.find(({ backend }) => backend === "cuda");
      const why = cuda?.reason.replace(/\.$/, "") ?? "there is no CUDA backend for this platform";
      return {
        severity: "problem",
        title: `The engine runs on the CPU although a CUDA device exists (${gpu.name}), because ${lowerFirst(why)}.`,
        remedy: remedyFor(why),
        source: cuda?.source ?? { kind: "driver", detail: "nvidia-smi" },
        evidence: ["machine.nvidia", "backends.cuda"],
      };
    }
    if (fallback === undefined) return;
    return {
      severity: "problem",
      title: `The engine runs on the CPU although there is a GPU. ${fallback}`,
      remedy: remedyFor(fallback),
      source: { kind: "probe", detail: engine.backendReason },
      evidence: backends.filter(({ backend }) => backend !== "cpu").map(({ backend }) => `backends.${backend}`),
    };
  },

  "layers-on-cpu": ({ engine, loaded, facts, settings }) => {
    if (engine === undefined || engine.backend === "cpu" || loaded?.layersOnGpu === undefined) return;
    const { layers, layersOnGpu } = loaded;
    const line = facts.offloaded?.line;
    const source =
      line === undefined
        ? ({ kind: "engine", detail: "layers on the GPU, as the engine counted them" } as const)
        : ({ kind: "engine-log", detail: line } as const);
    const evidence = ["placement.layers"];
    if (layersOnGpu >= layers) {
      return [{ severity: "fine", title: `All ${layers} layers are on the GPU.`, source, evidence }];
    }
    const chosen = settings.gpuLayers >= 0;
    return {
      severity: "problem",
      title: `${plural(layers - layersOnGpu, "layer")} of ${layers} ${layers - layersOnGpu === 1 ? "is" : "are"} on the CPU.`,
      explanation: chosen
        ? `The setting gpuLayers asks for ${settings.gpuLayers}, and llama.cpp counts the output layer as the first.`
        : "llama.cpp put fewer layers on the GPU than were asked for.",
      remedy: chosen
        ? "Set gpuLayers to -1."
        : "Close other programs that use the GPU, or choose a smaller quantisation.",
      ...(chosen ? { action: { type: "change-settings", overrides: { gpuLayers: -1 } } as const } : {}),
      source,
      evidence,
    };
  },

  "encoder-on-cpu": ({ engine, loaded, facts }) => {
    if (engine === undefined || engine.backend === "cpu") return;
    const device = loaded?.encoderDevice ?? facts.encoderBackend?.name;
    if (device === undefined || !/^cpu/i.test(device)) return;
    return {
      severity: "problem",
      title: `The vision encoder runs on the CPU although the language model runs on ${engine.backend}.`,
      remedy: "Set gpuLayers to -1, and look for complaints of the encoder in the engine's log.",
      source:
        facts.encoderBackend === undefined
          ? { kind: "engine", detail: `encoder device ${device}` }
          : { kind: "engine-log", detail: facts.encoderBackend.line },
      evidence: ["placement.encoder"],
    };
  },

  "large-model-on-cpu": ({ engine, loaded }) => {
    if (engine?.backend !== "cpu" || loaded === undefined || loaded.parameters < largeForCpu) return;
    return {
      severity: "advice",
      title: `A model of ${(loaded.parameters / 1e9).toFixed(1)} billion weights runs on the CPU: encoding an image and each token take long.`,
      remedy: "Use a machine with a GPU, a smaller model, or fewer image tokens.",
      source: { kind: "engine", detail: `${loaded.description}, ${engine.backendReason}` },
      evidence: ["placement.layers", "model.model"],
    };
  },

  fallback: ({ facts }) =>
    facts.fallbacks.slice(0, 5).map(
      (line): Verdict => ({
        severity: "warning",
        title: "The engine tells of work or memory that did not go where it should.",
        explanation: line,
        source: { kind: "engine-log", detail: line },
        evidence: ["log.fallbacks"],
      }),
    ),
};
