import { memo, useEffect, useMemo } from "react";
import type { TruthMatch } from "../../../app/truth/match.ts";
import type { Mistake } from "../../logic/truth/mistakes.ts";
import { visibleElements } from "../../store/selectors.ts";
import { currentMatch, focusedMistake } from "../../store/truth-selectors.ts";
import type { Outcome } from "../../store/truth-slice.ts";
import { useApp } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import type { ViewportController } from "../canvas/viewport-controller.ts";
import outcomeStyles from "./outcomes.module.css";
import { outline } from "./outline.ts";
import styles from "./TruthLayer.module.css";
import { useTruthCommands } from "./use-truth-commands.ts";

/**
 * What ground truth says of the shown boxes, drawn over them in px of the image: matched, missed and extra, told apart
 * by pattern as well as colour. Detections that the filter leaves out are left out here too.
 */
export function TruthLayer({ viewport }: { readonly viewport: ViewportController }) {
  const match = useApp(currentMatch);
  const focused = useApp(focusedMistake);
  const jump = useApp((state) => state.truth.focus?.jump);
  const hidden = useApp((state) => state.truth.hidden);
  const boxesVisible = useApp((state) => state.prefs.boxesVisible);
  useTruthCommands();

  useEffect(() => {
    if (focused !== undefined && jump !== undefined) viewport.closeUp(focused.bbox, 0.3, 3);
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
