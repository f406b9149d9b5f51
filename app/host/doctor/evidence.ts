import type { BackendVerdict, Evidence, FileAudit, Source } from "../../contract/index.ts";
import { formatBytes, formatMs, formatShare, plural } from "../../presentation/numbers.ts";
import type { DoctorCase } from "./case.ts";
import { type EvidenceRow, evidenceRows } from "./evidence-rows.ts";
import { logEvidence } from "./log-evidence.ts";
import type { SystemFacts } from "./system.ts";

/** The facts as readable lines, in this order: machine, backends, model, placement, log, run. */
export function evidenceOf(found: DoctorCase): Evidence[] {
  return [
    ...machineEvidence(found),
    ...evidenceRows("backends", found.backends.map(backendRow)),
    ...evidenceRows("model", found.files.flatMap(modelRows)),
    ...evidenceRows("placement", placementRows(found)),
    ...logEvidence(found.facts),
    ...evidenceRows("run", runRows(found)),
  ];
}

function machineEvidence({ machine, system, engine }: DoctorCase): Evidence[] {
  const fromSystem = (detail: string): Source => ({ kind: "system", detail });
  const fromEngine = (detail: string): Source => ({ kind: "engine", detail });
  const { nvidia, onBattery, busyShare } = system;
  const cores = `${plural(machine.physicalCores, "core")}, ${machine.logicalCores} logical`;
  const power = onBattery === undefined ? undefined : onBattery ? "battery" : "mains";
  const devices = engine?.devices ?? [];
  return evidenceRows("machine", [
    ["os", "System", `${machine.platform} ${machine.osRelease}, ${machine.arch}`, fromSystem("the operating system")],
    ["cpu", "Processor", `${machine.cpu}, ${cores}`, fromSystem("the operating system; cores counted by the engine")],
    ["memory", "Main memory", formatBytes(machine.memoryBytes), fromSystem("the operating system")],
    [
      "load",
      "In use before",
      `${formatShare(busyShare)} of the processor`,
      fromSystem("processor times over half a second"),
    ],
    ["power", "Power", power, fromSystem("power supply")],
    ["nvidia", "NVIDIA driver", nvidia && nvidiaText(nvidia), { kind: "driver", detail: "nvidia-smi" }],
    [
      "features",
      "CPU features in use",
      engine?.features && cpuFeatures(engine.features),
      fromEngine("llama_print_system_info"),
    ],
    ["release", "llama.cpp", engine?.llamaCppRelease, fromEngine("the release it was built from")],
    ...devices.map(({ name, description, backend, memoryFree, memoryTotal }): EvidenceRow => {
      const memory = `${formatBytes(memoryFree)} of ${formatBytes(memoryTotal)} free before loading`;
      const source = fromEngine("ggml_backend_dev_memory");
      return [`device.${name}`, `Device ${name}`, `${description}, ${backend}, ${memory}`, source];
    }),
  ]);
}

function nvidiaText({ gpus, cudaVersion }: NonNullable<SystemFacts["nvidia"]>): string {
  const cuda = cudaVersion === undefined ? "" : `, CUDA ${cudaVersion}`;
  const texts = gpus.map(
    ({ name, memoryMiB, computeCapability }) => `${name}, ${memoryMiB} MiB, compute capability ${computeCapability}`,
  );
  return `${gpus[0]?.driverVersion ?? "?"}${cuda}; ${texts.join("; ")}`;
}

/** The names of the enabled features in "CPU : SSE3 = 1 | AVX2 = 1 | ...". */
function cpuFeatures(line: string): string {
  const on = [...line.matchAll(/\b(\w+) = 1\b/g)].map((match) => match[1]);
  return on.length === 0 ? line : on.join(", ");
}

function backendRow({ backend, chosen, reason, source, package: name, installed }: BackendVerdict): EvidenceRow {
  const state = chosen ? "in use" : "not in use";
  const from = name === undefined ? "" : ` Package ${name}: ${installed ? "installed" : "not installed"}.`;
  return [backend, backend, `${state}. ${reason}${from}`, source];
}

function modelRows({ role, summary, types, source }: FileAudit): EvidenceRow[] {
  const { architecture, projector, quantisation, bytes, bf16Tensors } = summary;
  const about = [architecture, projector, quantisation, formatBytes(bytes)].filter((text) => text !== undefined);
  const byType = types.map(
    ({ type, tensors, bytes }) => `${type}: ${plural(tensors, "tensor")}, ${formatBytes(bytes)}`,
  );
  return [
    [role, role, about.join(", "), source],
    [role === "model" ? "types" : "types.mmproj", `${role}: types`, byType.join("; "), source],
    [`bf16.${role}`, `${role}: bf16 tensors`, bf16Tensors?.length ? shortList(bf16Tensors) : undefined, source],
  ];
}

function shortList(names: readonly string[], most = 6): string {
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

function placementRows({ loaded, facts }: DoctorCase): EvidenceRow[] {
  if (loaded === undefined) return [];
  const { layers, layersOnGpu, encoderDevice, loadMs } = loaded;
  const fromLine = (line: string | undefined): Source =>
    line === undefined
      ? { kind: "engine", detail: "what the engine answered after loading" }
      : { kind: "engine-log", detail: line };
  const onGpu = layersOnGpu === undefined ? `unknown, of ${layers}` : `${layersOnGpu} of ${layers}`;
  const encoder = encoderDevice === undefined ? facts.encoderBackend : { name: encoderDevice, line: undefined };
  return [
    ["layers", "Layers on a GPU", onGpu, fromLine(facts.offloaded?.line)],
    ["encoder", "Vision encoder on", encoder?.name ?? "unknown", fromLine(encoder?.line)],
    ["load", "Loading took", formatMs(loadMs), { kind: "measurement", detail: "the engine's clock" }],
  ];
}

function runRows({ run }: DoctorCase): EvidenceRow[] {
  if (run === undefined) return [];
  const { stages, totalMs, tokens, effective, source } = run;
  const parts = stages
    .filter(({ ms, reused }) => reused === true || ms >= 0.5)
    .map(({ stage, ms, reused }) => `${stage} ${reused ? "reused" : formatMs(ms)}`);
  const counts = `${tokens.image} image, ${tokens.text} text, ${tokens.generated} generated`;
  const sizes = `context ${effective.contextTokens}, batch ${effective.batchTokens}`;
  return [
    ["stages", "Stages", `${parts.join(", ")}; ${formatMs(totalMs)} in all`, source],
    ["tokens", "Tokens", `${counts}; ${sizes}`, source],
  ];
}
