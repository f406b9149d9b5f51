import { formatAxisMs, formatMs } from "../../../app/presentation/numbers.ts";
import { stagesIn } from "../../../app/presentation/stages.ts";
import { stageTexts } from "../../../app/presentation/texts.ts";
import { roundPx } from "../../../app/presentation/units.ts";
import { xmlText } from "./escape.ts";
import type { Report } from "./report.ts";

const width = 960;
const nameWidth = 72;
const totalWidth = 88;
const barHeight = 22;
const rowHeight = 32;
const legendHeight = 28;
const axisHeight = 24;

/**
 * The runs' stages as stacked bars on one time axis. Colours come from the classes `stage-<name>` of the page that the
 * chart stands in; each part names its stage and time.
 */
export function stageChartSvg({ bars }: Pick<Report, "bars">): string {
  const longest = Math.max(0, ...bars.map(({ run }) => run.totalMs));
  if (longest === 0) return "";
  const room = width - nameWidth - totalWidth;
  const axisEnd = niceEnd(longest);
  const x = (ms: number) => nameWidth + (ms / axisEnd) * room;
  const height = legendHeight + bars.length * rowHeight + axisHeight;
  const names = stagesIn(bars.map(({ run }) => run));
  const rows = bars.map(({ name, run }, index) => {
    const y = legendHeight + index * rowHeight;
    let start = 0;
    const parts = names.flatMap((stage) => {
      const found = run.stages.find((each) => each.stage === stage && each.reused !== true);
      if (found === undefined || found.ms <= 0) return [];
      const from = x(start);
      start += found.ms;
      const title = `${name}, ${stageTexts[stage].name}: ${formatMs(found.ms)}`;
      return [
        `<rect class="stage-${stage}" data-run="${xmlText(run.id)}" data-ms="${found.ms}" x="${roundPx(from)}" y="${y}" width="${roundPx(x(start) - from)}" height="${barHeight}"><title>${xmlText(title)}</title></rect>`,
      ];
    });
    const middle = y + barHeight / 2;
    return [
      `<text class="name" x="${nameWidth - 10}" y="${middle}" text-anchor="end">${xmlText(name)}</text>`,
      ...parts,
      `<text class="total" x="${roundPx(x(start) + 8)}" y="${middle}">${xmlText(formatMs(run.totalMs))}</text>`,
    ].join("\n");
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = roundPx(x(share * axisEnd));
    const bottom = height - axisHeight;
    return `<line class="grid" x1="${at}" x2="${at}" y1="${legendHeight - 4}" y2="${bottom}"/><text class="tick" x="${at}" y="${bottom + 14}" text-anchor="middle">${xmlText(formatAxisMs(share * axisEnd, axisEnd))}</text>`;
  });
  const legend = names.map((stage, index) => {
    const at = nameWidth + index * 112;
    return `<rect class="stage-${stage}" x="${at}" y="3" width="12" height="12" rx="2"/><text class="key" x="${at + 18}" y="9">${xmlText(stageTexts[stage].name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Stages of ${bars.length} runs as stacked bars" viewBox="0 0 ${width} ${height}">`,
    ...legend,
    ...ticks,
    ...rows,
    "</svg>",
  ].join("\n");
}

/** The next 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 or 10 times a power of ten, in ms. */
export function niceEnd(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each * power >= ms * 0.999999) ?? 10;
  return step * power;
}
