import { memo, useEffect, useMemo } from "react";
import type { BBox } from "../../../app/contract/index.ts";
import { closeUpScale } from "../../model/truth/close-up.ts";
import type { TruthMatch } from "../../model/truth/match.ts";
import type { Mistake } from "../../model/truth/mistakes.ts";
import { visibleElements } from "../../store/selectors.ts";
import { currentMatch, focusedMistake } from "../../store/truth-selectors.ts";
import type { Outcome } from "../../store/truth-slice.ts";
import { useApp } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import outcomeStyles from "./outcomes.module.css";
import styles from "./TruthLayer.module.css";
import { useTruthCommands } from "./use-truth-commands.ts";

/** What the layer needs of the canvas: scale in CSS px for one image px, sizes in CSS px. */
interface CloseUp {
  current(): { readonly scale: number };
  viewSize(): { readonly width: number; readonly height: number };
  zoomBy(factor: number): void;
  centreOn(imageX: number, imageY: number): void;
}

/**
 * What ground truth says of the shown boxes, drawn over them in px of the image: matched, missed and extra, told apart
 * by pattern as well as colour. Detections that the filter leaves out are left out here too.
 */
export function TruthLayer({ viewport }: { readonly viewport: CloseUp }) {
  const match = useApp(currentMatch);
  const focused = useApp(focusedMistake);
  const jump = useApp((state) => state.truth.focus?.jump);
  const hidden = useApp((state) => state.truth.hidden);
  const boxesVisible = useApp((state) => state.view.boxesVisible);
  useTruthCommands();

  useEffect(() => {
    if (focused === undefined || jump === undefined) return;
    const [x1, y1, x2, y2] = focused.bbox;
    viewport.zoomBy(closeUpScale(focused.bbox, viewport.viewSize()) / viewport.current().scale);
    viewport.centreOn((x1 + x2) / 2, (y1 + y2) / 2);
  }, [focused, jump, viewport]);

  if (match === undefined || !boxesVisible) return null;
  return (
    <g className={styles.layer} data-testid="truth-layer">
      <Outcomes match={match} hidden={hidden} />
      {focused !== undefined && <Focus mistake={focused} />}
    </g>
  );
}

const Outcomes = memo(function Outcomes({ match, hidden }: { match: TruthMatch; hidden: readonly Outcome[] }) {
  const { items } = useApp(visibleElements);
  const boxes = useMemo(() => {
    const visible = new Set(items.map(({ id }) => id));
    const pairs = match.matched.filter(({ detection }) => visible.has(detection.id));
    return {
      known: pairs.map(({ truth }) => truth.bbox),
      matched: pairs.map(({ detection }) => detection.bbox),
      missed: match.missed.map(({ bbox }) => bbox),
      extra: match.extra.filter(({ id }) => visible.has(id)).map(({ bbox }) => bbox),
    };
  }, [match, items]);
  const shown = (["matched", "missed", "extra"] as const).filter((outcome) => !hidden.includes(outcome));
  return (
    <>
      {shown.map((outcome) => (
        <path key={outcome} className={styles.halo} d={outline(boxes[outcome])} />
      ))}
      {shown.includes("matched") && <path className={styles.known} d={outline(boxes.known)} />}
      {shown.map((outcome) => (
        <path
          key={outcome}
          className={cx(outcomeStyles.line, outcomeStyles[outcome])}
          d={outline(boxes[outcome])}
          data-testid={`truth-${outcome}`}
          data-count={boxes[outcome].length}
        />
      ))}
    </>
  );
});

function Focus({ mistake: { kind, bbox } }: { readonly mistake: Mistake }) {
  const [x, y, x2, y2] = bbox;
  const place = { x, y, width: x2 - x, height: y2 - y };
  return (
    <>
      <rect className={styles.focusHalo} {...place} />
      <rect className={styles.focus} {...place} data-kind={kind} data-testid="truth-focus" />
    </>
  );
}

/** All boxes in one path: a thousand of them are one element to the browser. */
function outline(boxes: readonly BBox[]): string {
  return boxes.map(([x1, y1, x2, y2]) => `M${x1} ${y1}H${x2}V${y2}H${x1}Z`).join("");
}
