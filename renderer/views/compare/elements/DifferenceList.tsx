import { useState } from "react";
import { matchIou } from "../../../../app/contract/index.ts";
import {
  countKinds,
  type Difference,
  type DifferenceKind,
  differenceKinds,
  differenceLabel,
  differenceTexts,
  movementText,
} from "../../../logic/compare/differences.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import { rowId, useListbox } from "../../../ui/use-listbox.ts";
import styles from "./DifferenceList.module.css";

const noKinds: ReadonlySet<DifferenceKind> = new Set();

/** Every element of A and B under its kind of difference. One tab stop; arrows move the selection. */
export function DifferenceList({ differences }: { readonly differences: readonly Difference[] }) {
  const commands = useCommands();
  const selectedId = useApp((state) => state.compare.selectedId);
  const [hidden, setHidden] = useState(noKinds);
  const shown = differences.filter(({ kind }) => !hidden.has(kind));
  const select = (id: string) => commands.compare.look({ selectedId: id });
  const listbox = useListbox("difference", { ids: shown.map(({ id }) => id), selectedId, onMove: select });

  return (
    <div className={styles.panel}>
      <KindFilter
        differences={differences}
        hidden={hidden}
        onToggle={(kind) => {
          const next = new Set(hidden);
          if (!next.delete(kind)) next.add(kind);
          setHidden(next);
        }}
      />
      <div className={styles.list} role="listbox" aria-label="Differences" {...listbox}>
        {shown.map((difference) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys.
          <div
            key={difference.id}
            id={rowId("difference", difference.id)}
            className={styles.row}
            role="option"
            tabIndex={-1}
            aria-selected={difference.id === selectedId}
            data-testid="difference-row"
            data-kind={difference.kind}
            onClick={() => select(difference.id)}
          >
            <span className={styles.label}>{differenceLabel(difference)}</span>
            <span className={styles.kind}>{differenceTexts[difference.kind]}</span>
            <span className={styles.detail}>{detail(difference)}</span>
          </div>
        ))}
      </div>
      <p className={styles.caption}>The same element: overlap (IoU) of at least {matchIou}.</p>
    </div>
  );
}

interface KindFilterProps {
  readonly differences: readonly Difference[];
  readonly hidden: ReadonlySet<DifferenceKind>;
  readonly onToggle: (kind: DifferenceKind) => void;
}

function KindFilter({ differences, hidden, onToggle }: KindFilterProps) {
  const counts = countKinds(differences);
  return (
    <fieldset className={styles.filter} aria-label="Kinds of difference">
      {differenceKinds.map((kind) => (
        <button
          key={kind}
          type="button"
          className={styles.chip}
          aria-pressed={!hidden.has(kind)}
          data-testid="difference-kind"
          data-kind={kind}
          onClick={() => onToggle(kind)}
        >
          {differenceTexts[kind]} <span className={styles.count}>{counts[kind]}</span>
        </button>
      ))}
    </fieldset>
  );
}

function detail(difference: Difference): string {
  const overlap = difference.iou === undefined || difference.a?.point ? "" : `IoU ${difference.iou.toFixed(2)}`;
  const size = difference.iou === undefined ? sizeText(difference) : "";
  return [movementText(difference), overlap, size].filter((part) => part !== "").join(" · ");
}

/** Size of an element that only one run has. */
function sizeText({ a, b }: Difference): string {
  const bbox = (a ?? b)?.bbox;
  if (bbox === undefined) return "";
  return `${Math.round(bbox[2] - bbox[0])} × ${Math.round(bbox[3] - bbox[1])} px`;
}
