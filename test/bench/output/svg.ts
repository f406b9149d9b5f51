import type { BenchResult, BenchStage, SideName } from "../result.ts";
import { sideTitles } from "./markdown.ts";

/** Stages that stack up to a total, in the order they run. */
const stacked: readonly { readonly stage: BenchStage; readonly title: string }[] = [
  { stage: "input", title: "decode + preprocess" },
  { stage: "encode", title: "encode" },
  { stage: "imagePrefill", title: "image prefill" },
  { stage: "textPrefill", title: "text prefill" },
  { stage: "generate", title: "generate" },
];

const width = 860;
const left = 150;
const right = 110;
const plot = width - left - right;
const barHeight = 26;
const barGap = 14;
const lineHeight = 240;

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const at = (value: number): string => value.toFixed(1);

function label(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${at(x)}" y="${at(y)}"${attributes === "" ? "" : ` ${attributes}`}>${escapeXml(content)}</text>`;
}

/** Colours that keep their contrast on white and on black; the page's theme decides about text and lines. */
const style = `
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.dim { fill: #59636e; font-size: 12px; } .head { font-weight: 600; font-size: 14px; }
.axis { stroke: #d1d9e0; stroke-width: 1; }
.s0 { fill: #8b949e; } .s1 { fill: #3b82f6; } .s2 { fill: #14a38b; } .s3 { fill: #84a729; } .s4 { fill: #d9822b; }
.l0 { stroke: #3b82f6; fill: #3b82f6; } .l1 { stroke: #d9822b; fill: #d9822b; }
.l2 { stroke: #14a38b; fill: #14a38b; } .l3 { stroke: #b05fc9; fill: #b05fc9; }
polyline[class] { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .dim { fill: #9198a1; } .axis { stroke: #3d444d; }
}`.trim();

/** A "nice" step of 1, 2 or 5 times a power of ten, so that at most `count` of them reach `largest`. */
export function axisStep(largest: number, count: number): number {
  if (!(largest > 0)) return 1;
  const raw = largest / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
}

/**
 * The result as one chart: each side's medians stage by stage, and total against image tokens. Follows the reader's light
 * or dark theme; needs no script and no font.
 */
export function toSvg(result: BenchResult): string {
  const bars = barPanel(result, 30);
  const lines = linePanel(result, bars.height + 30);
  const height = bars.height + lines.height + 30;
  const title = `Holoscope and llama.cpp: ${result.model.name}, ${result.versions.backend}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${Math.ceil(height)}" width="${width}" height="${Math.ceil(height)}" role="img" aria-label="${escapeXml(title)}">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${style}</style>`,
    ...bars.parts,
    ...lines.parts,
    "</svg>",
    "",
  ].join("\n");
}

interface Panel {
  readonly parts: readonly string[];
  /** px from the top of the chart to the panel's end */
  readonly height: number;
}

function barPanel({ sides, settings, input }: BenchResult, top: number): Panel {
  const largest = Math.max(1, ...sides.map(({ total }) => total.median));
  const scale = plot / largest;
  const parts = [
    label(
      16,
      top,
      `One detection, ms: ${input.imageTokens} image tokens, ${settings.newTokens} new tokens, median of ${settings.runs}`,
      'class="head"',
    ),
  ];
  let legendX = left;
  for (const [index, { title }] of stacked.entries()) {
    parts.push(
      `<rect x="${legendX}" y="${top + 12}" width="11" height="11" class="s${index}"/>`,
      label(legendX + 16, top + 22, title, 'class="dim"'),
    );
    legendX += 34 + title.length * 6.6;
  }
  sides.forEach(({ name, stages, total }, row) => {
    const y = top + 38 + row * (barHeight + barGap);
    parts.push(label(left - 10, y + 18, sideTitles[name], 'text-anchor="end"'));
    let x = left;
    for (const [index, { stage, title }] of stacked.entries()) {
      const ms = stages[stage]?.median ?? 0;
      const wide = Math.max(0, ms * scale);
      parts.push(
        `<rect x="${at(x)}" y="${y}" width="${at(wide)}" height="${barHeight}" class="s${index}"><title>${escapeXml(`${title}: ${ms.toFixed(1)} ms`)}</title></rect>`,
      );
      x += wide;
    }
    parts.push(label(left + total.median * scale + 8, y + 18, `${Math.round(total.median)} ms`));
  });
  return { parts, height: top + 38 + sides.length * (barHeight + barGap) };
}

function linePanel({ growth, sides }: BenchResult, top: number): Panel {
  const [first] = growth;
  const last = growth.at(-1);
  if (first === undefined || last === undefined || growth.length < 2) return { parts: [], height: 0 };
  const names = sides.map(({ name }) => name);
  const values = growth.flatMap(({ total }) => names.flatMap((name) => total[name] ?? []));
  const step = axisStep(Math.max(1, ...values), 5);
  const ceiling = Math.ceil(Math.max(1, ...values) / step) * step;
  const y0 = top + 20;
  const x = (tokens: number): number => left + (tokens / last.imageTokens) * plot;
  const y = (ms: number): number => y0 + lineHeight - (ms / ceiling) * lineHeight;
  const parts = [label(16, top, "Total against image tokens, ms", 'class="head"')];
  for (let ms = 0; ms <= ceiling + step / 2; ms += step) {
    parts.push(
      `<line class="axis" x1="${left}" x2="${left + plot}" y1="${at(y(ms))}" y2="${at(y(ms))}"/>`,
      label(left - 10, y(ms) + 4, String(Number(ms.toPrecision(6))), 'class="dim" text-anchor="end"'),
    );
  }
  for (const { imageTokens } of growth) {
    parts.push(label(x(imageTokens), y0 + lineHeight + 18, String(imageTokens), 'class="dim" text-anchor="middle"'));
  }
  const ends = names.map((name, index) => drawLine(name, index));
  spreadLabels(ends).forEach(({ name, labelY }) => {
    parts.push(label(left + plot + 8, labelY, sideTitles[name], 'class="dim"'));
  });
  return { parts, height: lineHeight + 60 };

  function drawLine(name: SideName, index: number): { name: SideName; labelY: number } {
    const points = growth.flatMap(({ imageTokens, total }) => {
      const ms = total[name];
      return ms === undefined ? [] : [{ px: at(x(imageTokens)), py: at(y(ms)) }];
    });
    parts.push(
      `<polyline class="l${index}" points="${points.map(({ px, py }) => `${px},${py}`).join(" ")}"/>`,
      ...points.map(({ px, py }) => `<circle class="l${index}" cx="${px}" cy="${py}" r="3"/>`),
    );
    return { name, labelY: y(last?.total[name] ?? 0) + 4 };
  }
}

/** Moves labels apart that would lie on each other. */
function spreadLabels<T extends { readonly labelY: number }>(labels: readonly T[]): T[] {
  const sorted = [...labels].sort((a, b) => a.labelY - b.labelY);
  let least = Number.NEGATIVE_INFINITY;
  return sorted.map((one) => {
    const labelY = Math.max(one.labelY, least);
    least = labelY + 15;
    return { ...one, labelY };
  });
}
