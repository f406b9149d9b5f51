import type {
  DoctorReport,
  EvidenceTopic,
  Finding,
  FindingAction,
  Severity,
  Source,
  SourceKind,
} from "../contract/index.ts";
import { evidenceTopics } from "../contract/index.ts";
import { formatBytes } from "./numbers.ts";
import { renderTable } from "./table.ts";
import { oneLine, type Style, styled, type Terminal } from "./terminal.ts";

const topicTitles: Readonly<Record<EvidenceTopic, string>> = {
  machine: "Machine",
  backends: "Backends",
  model: "Model files",
  placement: "Where the model lies",
  "engine-log": "What the engine's log says",
  run: "A run",
};

const sourceTitles: Readonly<Record<SourceKind, string>> = {
  "engine-log": "log",
  engine: "engine",
  gguf: "GGUF",
  run: "record",
  measurement: "measured",
  system: "system",
  driver: "driver",
  probe: "tried",
  settings: "settings",
  "llama.cpp": "llama.cpp",
  estimate: "estimate",
};

const severityMarks: Readonly<Record<Severity, readonly [mark: string, style: Style]>> = {
  problem: ["problem", "red"],
  warning: ["warning", "yellow"],
  advice: ["advice", "cyan"],
  fine: ["fine", "green"],
};

/** "log: ggml_metal_init: has bfloat = true" */
export function sourceText({ kind, detail }: Source): string {
  return `${sourceTitles[kind]}: ${oneLine(detail)}`;
}

/** The report for reading: evidence first, with the source of each line, the verdict last. */
export function doctorText(terminal: Terminal, report: DoctorReport): string {
  const sections = [
    ...evidenceTopics.map((topic) => evidenceSection(terminal, report, topic)),
    typesSection(terminal, report),
    memorySection(terminal, report),
    fitsSection(terminal, report),
    gapsSection(terminal, report),
    verdictSection(terminal, report),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function headed(terminal: Terminal, title: string, body: string): string {
  return `${styled(terminal, "bold", title)}\n${body}`;
}

/** As lines that the terminal may wrap: a fact that is cut off is none. */
function evidenceSection(terminal: Terminal, { evidence }: DoctorReport, topic: EvidenceTopic): string {
  const items = evidence.filter((item) => item.topic === topic);
  if (items.length === 0) return "";
  const width = Math.min(labelWidth, Math.max(...items.map(({ label }) => label.length)));
  const lines = items.map(
    ({ label, value, source }) =>
      `  ${label.padEnd(width)}  ${oneLine(value)}  ${styled(terminal, "dim", `[${sourceText(source)}]`)}\n`,
  );
  return headed(terminal, topicTitles[topic], lines.join(""));
}

const labelWidth = 30;

function typesSection(terminal: Terminal, { files, engine }: DoctorReport): string {
  if (files.length === 0) return "";
  const rows = files.flatMap(({ role, types }) =>
    types.map(({ type, tensors, bytes, support, note, source }) => [
      `  ${role}`,
      type,
      String(tensors),
      formatBytes(bytes),
      support,
      note,
      sourceText(source),
    ]),
  );
  const columns = [
    { title: "  file" },
    { title: "type" },
    { title: "tensors", align: "right" },
    { title: "size", align: "right" },
    { title: "support" },
    { title: "" },
    { title: "source", style: "dim", flexible: true },
  ] as const;
  const title = `What ${engine?.backend ?? "the backend"} does with each type`;
  return headed(terminal, title, renderTable(terminal, columns, rows));
}

function memorySection(terminal: Terminal, { memory }: DoctorReport): string {
  if (memory.length === 0) return "";
  const rows = memory.map(({ part, device, weights, kvCache, compute, source }) => [
    `  ${part}`,
    device,
    formatBytes(weights),
    formatBytes(kvCache),
    formatBytes(compute),
    sourceText(source),
  ]);
  const columns = [
    { title: "  part" },
    { title: "device" },
    { title: "weights", align: "right" },
    { title: "KV cache", align: "right" },
    { title: "compute", align: "right" },
    { title: "source", style: "dim", flexible: true },
  ] as const;
  return headed(terminal, "Memory by device", renderTable(terminal, columns, rows));
}

function fitsSection(terminal: Terminal, { fits }: DoctorReport): string {
  if (fits.length === 0) return "";
  const rows = fits.map(({ imageTokens, contextTokens, gpuBytes, cpuBytes, fits: does, note, source }) => [
    `  ${imageTokens}`,
    String(contextTokens),
    formatBytes(gpuBytes),
    formatBytes(cpuBytes),
    does ? "yes" : "no",
    `${sourceText(source)}. ${note}`,
  ]);
  const columns = [
    { title: "  image tokens" },
    { title: "context", align: "right" },
    { title: "GPU memory", align: "right" },
    { title: "main memory", align: "right" },
    { title: "fits" },
    { title: "source", style: "dim", flexible: true },
  ] as const;
  return headed(terminal, "What would fit (estimate)", renderTable(terminal, columns, rows));
}

function gapsSection(terminal: Terminal, { gaps }: DoctorReport): string {
  if (gaps.length === 0) return "";
  const lines = gaps.map(({ what, error }) => {
    const hint = error.hint === undefined ? "" : `\n    ${oneLine(error.hint)}`;
    return `  ${oneLine(what)}: ${oneLine(error.message)}${hint}\n`;
  });
  return headed(terminal, "What could not be looked at", lines.join(""));
}

/** The command line that does what the window has a button for. */
function actionText(action: FindingAction | undefined, files: DoctorReport["files"]): string | undefined {
  switch (action?.type) {
    case "convert-mmproj":
    case "convert-model": {
      const role = action.type === "convert-mmproj" ? "mmproj" : "model";
      const file = files.find((one) => one.role === role)?.summary.path;
      if (file === undefined) return undefined;
      return `holoscope models convert "${file}" "${file.replace(/\.gguf$/i, "")}-${action.to}.gguf" --bf16-to ${action.to}`;
    }
    case "change-settings": {
      const set = Object.entries(action.overrides).map(([key, value]) => `--set ${key}=${value}`);
      return `holoscope detect IMAGE ${set.join(" ")}`;
    }
    case "change-backend":
      return `holoscope detect IMAGE --backend ${action.backend}`;
    case "try":
      return "holoscope doctor --try IMAGE";
    case undefined:
      return undefined;
  }
}

function verdictSection(terminal: Terminal, { findings, files }: DoctorReport): string {
  const lines = findings.map((finding) => findingText(terminal, finding, actionText(finding.action, files)));
  return headed(terminal, "Verdict", lines.length === 0 ? "  Nothing to say.\n" : lines.join(""));
}

function findingText(terminal: Terminal, finding: Finding, command: string | undefined): string {
  const { severity, title, explanation, remedy, source } = finding;
  const [mark, style] = severityMarks[severity];
  const rest = [
    ...(explanation === undefined ? [] : [explanation]),
    ...(remedy === undefined ? [] : [`Remedy: ${remedy}`]),
    ...(command === undefined ? [] : [`$ ${command}`]),
  ];
  return [
    `  ${styled(terminal, style, mark.padEnd(8))} ${oneLine(title)}`,
    ...rest.map((text) => `           ${oneLine(text)}`),
    `           ${styled(terminal, "dim", sourceText(source))}`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}
