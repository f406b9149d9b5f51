import {
  type DoctorReport,
  type EvidenceTopic,
  evidenceTopics,
  type Finding,
  type FindingAction,
  type Severity,
  type Source,
} from "../contract/index.ts";
import { formatBytes, formatCount } from "../presentation/numbers.ts";
import { severityTexts, sourceText, topicTexts } from "../presentation/texts.ts";
import { type Field, tableOf } from "./table.ts";
import { oneLine, type Style, styled, type Terminal } from "./terminal.ts";

const severityStyles: Readonly<Record<Severity, Style>> = {
  problem: "red",
  warning: "yellow",
  advice: "cyan",
  fine: "green",
};

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

/** Lines that the terminal may wrap, since a fact must not be cut off. */
function evidenceSection(terminal: Terminal, { evidence }: DoctorReport, topic: EvidenceTopic): string {
  const items = evidence.filter((item) => item.topic === topic);
  if (items.length === 0) return "";
  const width = Math.min(labelWidth, Math.max(...items.map(({ label }) => label.length)));
  const lines = items.map(
    ({ label, value, source }) =>
      `  ${label.padEnd(width)}  ${oneLine(value)}  ${styled(terminal, "dim", `[${oneLine(sourceText(source))}]`)}\n`,
  );
  return headed(terminal, topicTexts[topic], lines.join(""));
}

const labelWidth = 30;

function tableSection<T>(terminal: Terminal, title: string, fields: readonly Field<T>[], items: readonly T[]): string {
  return items.length === 0 ? "" : headed(terminal, title, tableOf(terminal, fields, items));
}

const sourceField: Field<{ readonly source: Source }> = {
  title: "source",
  style: "dim",
  flexible: true,
  of: ({ source }) => sourceText(source),
};

function typesSection(terminal: Terminal, { files, engine }: DoctorReport): string {
  return tableSection(
    terminal,
    `What ${engine?.backend ?? "the backend"} does with each type`,
    [
      { title: "  file", of: ({ role }) => `  ${role}` },
      { title: "type", of: ({ type }) => type },
      { title: "tensors", align: "right", of: ({ tensors }) => formatCount(tensors) },
      { title: "size", align: "right", of: ({ bytes }) => formatBytes(bytes) },
      { title: "support", of: ({ support }) => support },
      { title: "", of: ({ note }) => note },
      sourceField,
    ],
    files.flatMap(({ role, types }) => types.map((type) => ({ role, ...type }))),
  );
}

function memorySection(terminal: Terminal, { memory }: DoctorReport): string {
  return tableSection(
    terminal,
    "Memory by device",
    [
      { title: "  part", of: ({ part }) => `  ${part}` },
      { title: "device", of: ({ device }) => device },
      { title: "weights", align: "right", of: ({ weights }) => formatBytes(weights) },
      { title: "KV cache", align: "right", of: ({ kvCache }) => formatBytes(kvCache) },
      { title: "compute", align: "right", of: ({ compute }) => formatBytes(compute) },
      sourceField,
    ],
    memory,
  );
}

function fitsSection(terminal: Terminal, { fits }: DoctorReport): string {
  return tableSection(
    terminal,
    "What would fit (estimate)",
    [
      { title: "  image tokens", of: ({ imageTokens }) => `  ${formatCount(imageTokens)}` },
      { title: "context", align: "right", of: ({ contextTokens }) => formatCount(contextTokens) },
      { title: "GPU memory", align: "right", of: ({ gpuBytes }) => formatBytes(gpuBytes) },
      { title: "main memory", align: "right", of: ({ cpuBytes }) => formatBytes(cpuBytes) },
      { title: "fits", of: (fit) => (fit.fits ? "yes" : "no") },
      { ...sourceField, of: (fit) => `${sourceField.of(fit)}. ${fit.note}` },
    ],
    fits,
  );
}

function gapsSection(terminal: Terminal, { gaps }: DoctorReport): string {
  if (gaps.length === 0) return "";
  const lines = gaps.map(({ what, error }) => {
    const hint = error.hint === undefined ? "" : `\n    ${oneLine(error.hint)}`;
    return `  ${oneLine(what)}: ${oneLine(error.message)}${hint}\n`;
  });
  return headed(terminal, "What could not be looked at", lines.join(""));
}

/** The command that does what a button in the window does. */
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
  const rest = [explanation, remedy && `Remedy: ${remedy}`, command && `$ ${command}`];
  return [
    `  ${styled(terminal, severityStyles[severity], severityTexts[severity].padEnd(8))} ${oneLine(title)}`,
    ...rest.flatMap((text) => (text === undefined ? [] : `           ${oneLine(text)}`)),
    `           ${styled(terminal, "dim", oneLine(sourceText(source)))}`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}
