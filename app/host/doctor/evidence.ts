import type { BackendVerdict, Evidence, EvidenceTopic, FileAudit } from "../../contract/doctor.ts";
import type { Source } from "../../contract/source.ts";
import { formatBytes } from "../format-bytes.ts";
import type { DoctorCase } from "./case.ts";
import { logEvidence } from "./log-evidence.ts";
import { counted, percent } from "./rules/rule.ts";

/** Facts in words, in the order in which a reader wants them: machine, backends, model, placement, log, run. */
export function evidenceOf(found: DoctorCase): Evidence[] {
  return [
    ...machineEvidence(found),
    ...found.backends.map(backendEvidence),
    ...modelEvidence(found.files),
    ...placementEvidence(found),
    ...logEvidence(found.facts),
    ...runEvidence(found),
  ];
}

function item(topic: EvidenceTopic, id: string, label: string, value: string, source: Source): Evidence {
  return { topic, id, label, value, source };
}

function machineEvidence({ machine, system, engine }: DoctorCase): Evidence[] {
  const fromSystem = (detail: string): Source => ({ kind: "system", detail });
  const { nvidia, onBattery, busyShare } = system;
  const one = (id: string, label: string, value: string, source: Source): Evidence =>
    item("machine", `machine.${id}`, label, value, source);
  return [
    one(
      "os",
      "System",
      `${machine.platform} ${machine.osRelease}, ${machine.arch}`,
      fromSystem("the operating system"),
    ),
    one(
      "cpu",
      "Processor",
      `${machine.cpu}, ${counted(machine.physicalCores, "core")}, ${machine.logicalCores} logical`,
      fromSystem("the operating system; cores counted by the engine"),
    ),
    one("memory", "Main memory", formatBytes(machine.memoryBytes), fromSystem("the operating system")),
    one(
      "load",
      "In use before",
      `${percent(busyShare)} of the processor`,
      fromSystem("processor times over half a second"),
    ),
    ...(onBattery === undefined
      ? []
      : [one("power", "Power", onBattery ? "battery" : "mains", fromSystem("power supply"))]),
    ...(nvidia === undefined
      ? []
      : [
          one(
            "nvidia",
            "NVIDIA driver",
            `${nvidia.gpus[0]?.driverVersion ?? "?"}${nvidia.cudaVersion === undefined ? "" : `, CUDA ${nvidia.cudaVersion}`}; ${nvidia.gpus
              .map(
                ({ name, memoryMiB, computeCapability }) =>
                  `${name}, ${memoryMiB} MiB, compute capability ${computeCapability}`,
              )
              .join("; ")}`,
            { kind: "driver", detail: "nvidia-smi" },
          ),
        ]),
    ...(engine === undefined
      ? []
      : [
          one("features", "CPU features in use", cpuFeatures(engine.features), {
            kind: "engine",
            detail: "llama_print_system_info",
          }),
          one("release", "llama.cpp", engine.llamaCppRelease, {
            kind: "engine",
            detail: "the release it was built from",
          }),
          ...engine.devices.map((device) =>
            one(
              `device.${device.name}`,
              `Device ${device.name}`,
              `${device.description}, ${device.backend}, ${formatBytes(device.memoryFree)} of ${formatBytes(device.memoryTotal)} free before loading`,
              { kind: "engine", detail: "ggml_backend_dev_memory" },
            ),
          ),
        ]),
  ];
}

/** "CPU : SSE3 = 1 | AVX2 = 1 | ..." as the names of what is on. */
function cpuFeatures(line: string): string {
  const on = [...line.matchAll(/(\w+) = 1\b/g)].map((match) => match[1]);
  return on.length === 0 ? line : on.join(", ");
}

function backendEvidence({ backend, chosen, reason, source, package: name, installed }: BackendVerdict): Evidence {
  const state = chosen ? "in use" : "not in use";
  const from = name === undefined ? "" : ` Package ${name}: ${installed ? "installed" : "not installed"}.`;
  return item("backends", `backends.${backend}`, backend, `${state}. ${reason}${from}`, source);
}

function modelEvidence(files: readonly FileAudit[]): Evidence[] {
  return files.flatMap(({ role, summary, types, source }) => {
    const { architecture, projector, quantisation, bytes, bf16Tensors = [] } = summary;
    const about = [architecture, projector, quantisation, formatBytes(bytes)]
      .filter((text) => text !== undefined)
      .join(", ");
    const byType = types.map(
      ({ type, tensors, bytes }) => `${type}: ${counted(tensors, "tensor")}, ${formatBytes(bytes)}`,
    );
    return [
      item("model", role === "model" ? "model.model" : "model.mmproj", role, about, source),
      item(
        "model",
        role === "model" ? "model.types" : "model.types.mmproj",
        `${role}: types`,
        byType.join("; "),
        source,
      ),
      ...(bf16Tensors.length === 0
        ? []
        : [item("model", `model.bf16.${role}`, `${role}: bf16 tensors`, shortList(bf16Tensors), source)]),
    ];
  });
}

function shortList(names: readonly string[], most = 6): string {
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

function placementEvidence({ loaded, facts }: DoctorCase): Evidence[] {
  if (loaded === undefined) return [];
  const { layers, layersOnGpu, encoderDevice, loadMs } = loaded;
  const figure: Source = { kind: "engine", detail: "what the engine answered after loading" };
  const line = facts.offloaded?.line;
  return [
    item(
      "placement",
      "placement.layers",
      "Layers on a GPU",
      layersOnGpu === undefined ? `unknown, of ${layers}` : `${layersOnGpu} of ${layers}`,
      line === undefined ? figure : { kind: "engine-log", detail: line },
    ),
    item(
      "placement",
      "placement.encoder",
      "Vision encoder on",
      encoderDevice ?? facts.encoderBackend?.name ?? "unknown",
      encoderDevice === undefined && facts.encoderBackend !== undefined
        ? { kind: "engine-log", detail: facts.encoderBackend.line }
        : figure,
    ),
    item("placement", "placement.load", "Loading took", `${(loadMs / 1000).toFixed(1)} s`, {
      kind: "measurement",
      detail: "the engine's clock",
    }),
  ];
}

function runEvidence({ run }: DoctorCase): Evidence[] {
  if (run === undefined) return [];
  const { stages, totalMs, tokens, effective, source } = run;
  const parts = stages
    .filter(({ ms, reused }) => reused === true || ms >= 0.5)
    .map(({ stage, ms, reused }) => `${stage} ${reused ? "reused" : `${ms.toFixed(1)} ms`}`);
  return [
    item("run", "run.stages", "Stages", `${parts.join(", ")}; ${totalMs.toFixed(1)} ms in all`, source),
    item(
      "run",
      "run.tokens",
      "Tokens",
      `${tokens.image} image, ${tokens.text} text, ${tokens.generated} generated; context ${effective.contextTokens}, batch ${effective.batchTokens}`,
      source,
    ),
  ];
}
