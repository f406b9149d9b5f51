import type { StageName } from "../../../../app/contract/index.ts";
import { formatMs, formatRatio, plural } from "../../../../app/presentation/numbers.ts";
import { ownStagesAnd } from "../../../../app/presentation/stages.ts";
import { stageTexts } from "../../../../app/presentation/texts.ts";
import { type ReportedRow, reportedMark, reportedRows } from "../../../logic/compare/reported.ts";
import { ratioTo, type TimingGroup } from "../../../logic/compare/timing-groups.ts";
import { type Figures, unmeasuredText } from "../../../logic/statistics/run-figures.ts";
import { Table } from "../../../ui/Table.tsx";
import { seriesColor } from "./chart-parts.tsx";
import styles from "./TimesPanel.module.css";

interface FiguresTableProps {
  readonly groups: readonly TimingGroup[];
  readonly baseline: TimingGroup;
  readonly reported: boolean;
}

type Row = StageName | "total";

/** Every figure of the charts: median, ratio to the baseline, p5 to p95 and the number of runs behind it. */
export function FiguresTable({ groups, baseline, reported }: FiguresTableProps) {
  const references = reported ? reportedRows : [];
  const told = (stage: StageName) => groups.some(({ figures }) => figures.stages[stage].measured !== undefined);
  const rows: readonly Row[] = [...ownStagesAnd(told), "total"];
  const heads = [
    "Stage",
    ...groups.map((group, index) => (
      <th key={group.key} scope="col" title={group.name}>
        <span className="swatch" style={{ backgroundColor: seriesColor(index) }} />
        {group.name}
        <span className={styles.runs}>
          {group.key === baseline.key ? "baseline, " : ""}
          {plural(group.figures.runs, "run")}
        </span>
      </th>
    )),
    ...references.map((row) => (
      <th key={row.key} scope="col" className={styles.reported} data-testid="reported-column">
        {row.name}
        <span className={styles.runs}>{reportedMark}</span>
      </th>
    )),
  ];
  return (
    <Table className={styles.table} frame="Figures by stage" testId="figures-table" heads={heads}>
      {rows.map((row) => (
        <tr key={row} data-testid="figures-row" data-stage={row}>
          <th scope="row">{row === "total" ? "Total" : stageTexts[row].name}</th>
          {groups.map((group) => (
            <FiguresCell
              key={group.key}
              figures={figuresIn(group, row)}
              ratio={group.key === baseline.key ? undefined : ratioTo(figuresIn(baseline, row), figuresIn(group, row))}
            />
          ))}
          {references.map((reference) => (
            <td key={reference.key} className={styles.reported}>
              {reportedText(reference, row)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

function FiguresCell({ figures, ratio }: { readonly figures: Figures; readonly ratio: number | undefined }) {
  const { measured, reused } = figures;
  const unmeasured = unmeasuredText(figures);
  if (measured === undefined) {
    return <td>{reused > 0 ? "reused" : unmeasured === "" ? "–" : "overlapped"}</td>;
  }
  return (
    <td data-testid="figures-cell">
      <span className={styles.median}>{formatMs(measured.median)}</span>
      {ratio !== undefined && <span className={styles.times}> {formatRatio(ratio)}</span>}
      {(measured.n > 1 || unmeasured !== "") && (
        <span className={styles.spread}>
          {[
            measured.n > 1 ? `${formatMs(measured.p5)} – ${formatMs(measured.p95)}` : "",
            plural(measured.n, "run"),
            unmeasured,
          ]
            .filter((part) => part !== "")
            .join(", ")}
        </span>
      )}
    </td>
  );
}

function figuresIn({ figures }: TimingGroup, row: Row): Figures {
  return row === "total" ? figures.total : figures.stages[row];
}

function reportedText({ total: [low, high], parts }: ReportedRow, row: Row): string {
  if (row === "total") return low === high ? formatMs(low) : `${formatMs(low)} – ${formatMs(high)}`;
  const part = parts.find(({ stages }) => stages.includes(row));
  if (part === undefined) return "–";
  if (part.stages.length === 1) return formatMs(part.ms);
  return part.stages[0] === row ? `${formatMs(part.ms)} together` : "″";
}
