import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo } from "react";
import { labelText } from "../../../app/presentation/labels.ts";
import { formatPx, plural } from "../../../app/presentation/numbers.ts";
import { unlabelled } from "../../../app/truth/metrics.ts";
import type { Mistake } from "../../logic/truth/mistakes.ts";
import { currentMistakes, focusedMistake } from "../../store/truth-selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Keys } from "../../ui/Keys.tsx";
import { Tip } from "../../ui/Tip.tsx";
import { rowId, useListbox } from "../../ui/use-listbox.ts";
import styles from "./MistakeList.module.css";
import { outcomeTexts } from "./outcome-texts.ts";
import { OutcomeSwatch } from "./TruthLegend.tsx";
import { truthCommands } from "./use-truth-commands.ts";

/** Height of a row, CSS px. */
const rowHeight = 44;

/** What was missed and what is extra, from top to bottom of the image. One tab stop; arrows go from one to the next. */
export function MistakeList() {
  const { truth: commands } = useCommands();
  const mistakes = useApp(currentMistakes);
  const focused = useApp(focusedMistake);
  const listbox = useListbox("mistake", {
    ids: useMemo(() => mistakes.map(({ id }) => id), [mistakes]),
    selectedId: focused?.id,
    onMove: (id) => commands.goTo(id),
  });
  const rows = useVirtualizer({
    count: mistakes.length,
    getScrollElement: () => listbox.ref.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  const index = focused === undefined ? -1 : mistakes.indexOf(focused);
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: "auto" });
  }, [index, rows]);

  if (mistakes.length === 0) return <p className={styles.none}>No mistakes.</p>;
  return (
    <>
      <div className={styles.head}>
        <h2 className={styles.title}>{plural(mistakes.length, "mistake")}</h2>
        <Tip text={tipText(truthCommands.previous)}>
          <Button look="quiet" onClick={() => commands.jump(-1)}>
            Previous
          </Button>
        </Tip>
        <Tip text={tipText(truthCommands.next)}>
          <Button look="quiet" onClick={() => commands.jump(1)}>
            Next <Keys chord={truthCommands.next.keys[0]} />
          </Button>
        </Tip>
      </div>
      <div className={styles.list} role="listbox" aria-label="Mistakes" data-testid="mistake-list" {...listbox}>
        <div style={{ height: rows.getTotalSize() }} className={styles.sizer} role="presentation">
          {rows.getVirtualItems().map(({ index: at, start }) => {
            const mistake = mistakes[at];
            return (
              mistake !== undefined && (
                <Row key={mistake.id} mistake={mistake} top={start} selected={mistake === focused} />
              )
            );
          })}
        </div>
      </div>
    </>
  );
}

interface RowProps {
  readonly mistake: Mistake;
  /** CSS px from the top of the list. */
  readonly top: number;
  readonly selected: boolean;
}

function Row({ mistake, top, selected }: RowProps) {
  const { truth: commands } = useCommands();
  const [x1, y1, x2, y2] = mistake.bbox;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys.
    <div
      id={rowId("mistake", mistake.id)}
      className={styles.row}
      style={{ transform: `translateY(${top}px)`, height: rowHeight }}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-testid="mistake-row"
      data-kind={mistake.kind}
      onClick={() => commands.goTo(mistake.id)}
    >
      <OutcomeSwatch outcome={mistake.kind} />
      <span className={styles.what}>
        <span className="visually-hidden">{outcomeTexts[mistake.kind].name}: </span>
        {labelText(mistake.label ?? unlabelled)}
        {mistake.text !== undefined && <span className={styles.text}> {mistake.text}</span>}
      </span>
      <span className={styles.size}>
        {formatPx(Math.round(x2 - x1))} × {formatPx(Math.round(y2 - y1))} px
      </span>
      <span className={styles.why}>{reasonOf(mistake)}</span>
    </div>
  );
}

/** What lies nearest, which is mostly the reason. */
function reasonOf({ kind, nearest }: Mistake): string {
  if (nearest === undefined) return kind === "missed" ? "No detection touches it" : "No known element touches it";
  const other = `${kind === "missed" ? "Nearest detection" : "Nearest known"}: ${labelText(nearest.label ?? unlabelled)}`;
  return `${other}, IoU ${nearest.iou.toFixed(2)}${nearest.taken ? ", matched elsewhere" : ""}`;
}
