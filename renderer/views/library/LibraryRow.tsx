import { type ComponentProps, type MouseEvent, memo } from "react";
import { type RunSummary, stageNames } from "../../../app/contract/index.ts";
import { formatCount, formatDateTime, formatMs } from "../../../app/presentation/numbers.ts";
import { backendName, profileTexts, stageTexts } from "../../../app/presentation/texts.ts";
import { runTitle, statusTexts } from "../../logic/library/filter.ts";
import { useCommands } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import styles from "./LibraryGrid.module.css";

export const rowId = (id: string) => `library-run-${id}`;

interface LibraryRowProps {
  readonly run: RunSummary;
  readonly index: number;
  /** CSS px from the top of the list. */
  readonly top: number;
  readonly selected: boolean;
  readonly active: boolean;
}

/** One run. A click makes it the active one, with Ctrl or Shift it selects; a double click opens it. */
export const LibraryRow = memo(function LibraryRow({ run, index, top, selected, active }: LibraryRowProps) {
  const { library } = useCommands();
  const onClick = (event: MouseEvent) => {
    if (event.shiftKey) library.extendTo(run.id);
    else if (event.ctrlKey || event.metaKey) library.toggle(run.id);
    else library.activate(run.id);
  };
  const done = run.status === "done";
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a virtual grid.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes all keys for its active row.
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active row.
    <div
      id={rowId(run.id)}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={cx(styles.columns, styles.row)}
      style={{ transform: `translateY(${top}px)` }}
      data-active={active}
      data-status={run.status}
      data-testid="library-row"
      onClick={onClick}
      onDoubleClick={() => void library.show(run.id)}
    >
      <Cell>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${runTitle(run)}`}
          checked={selected}
          onClick={(event) => event.stopPropagation()}
          onChange={() => library.toggle(run.id)}
        />
      </Cell>
      <Cell className={styles.name}>
        <span className={styles.title}>{runTitle(run)}</span>
        <span className="note ellipsis">{subtitle(run)}</span>
      </Cell>
      <Cell className={styles.numeric}>{done ? formatCount(run.detections) : statusTexts[run.status]}</Cell>
      <Cell className={styles.numeric}>{done ? formatMs(run.totalMs) : "–"}</Cell>
      <Cell>
        <StageBar run={run} />
      </Cell>
      <Cell className="ellipsis">{run.modelName}</Cell>
      <Cell className="ellipsis">{run.backend === undefined ? "–" : backendName(run.backend)}</Cell>
      <Cell className="ellipsis">{run.machineName}</Cell>
      <Cell className={styles.tags}>
        {run.tags.map((tag) => (
          <span key={tag} className={styles.tag}>
            {tag}
          </span>
        ))}
      </Cell>
      <Cell className="ellipsis">{formatDateTime(run.createdAt)}</Cell>
    </div>
  );
});

type CellProps = ComponentProps<"div"> & { readonly role?: "gridcell" | "columnheader" };

/** A cell of the virtual grid. Focus stays on the grid, which names its active row. */
export function Cell({ role = "gridcell", ...rest }: CellProps) {
  return <div role={role} {...rest} />;
}

function subtitle(run: RunSummary): string {
  const image = run.name === undefined ? [] : [run.imageName ?? "unnamed image"];
  const size = `${run.imageSize.width} × ${run.imageSize.height} px`;
  const task = run.mode === "locate" ? [`locate “${run.target ?? ""}”`] : [];
  return [...image, size, profileTexts[run.profile], ...task].join(" · ");
}

/** The shares of the stages; the figures are in the details and in the run itself. */
function StageBar({ run }: { readonly run: RunSummary }) {
  if (run.status !== "done" || run.totalMs <= 0) return <span aria-hidden="true">–</span>;
  const parts = stageNames.map((stage) => ({ stage, share: (run.stages[stage] ?? 0) / run.totalMs }));
  const longest = parts.reduce((a, b) => (b.share > a.share ? b : a));
  return (
    <span
      className={styles.bar}
      role="img"
      aria-label={`Longest stage: ${stageTexts[longest.stage].name}, ${Math.round(longest.share * 100)} %`}
    >
      {parts.map(({ stage, share }) => (
        <span
          key={stage}
          style={{ width: `${share * 100}%`, backgroundColor: `var(--stage-${stage})` }}
          title={`${stageTexts[stage].name} ${formatMs(run.stages[stage] ?? 0)}`}
        />
      ))}
    </span>
  );
}
