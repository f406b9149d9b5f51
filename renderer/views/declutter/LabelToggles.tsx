import { type MouseEvent, useMemo } from "react";
import { labelText } from "../../../app/presentation/labels.ts";
import { formatCount } from "../../../app/presentation/numbers.ts";
import { type Filter, type Found, labelCounts } from "../../logic/declutter/filter.ts";
import { useCommands } from "../../store/use-app.tsx";
import styles from "./LabelToggles.module.css";

interface LabelTogglesProps {
  readonly found: Found;
  readonly filter: Filter;
}

/** One switch for each label, with its colour and how many there are. Shift or Alt leaves one label alone. */
export function LabelToggles({ found, filter }: LabelTogglesProps) {
  const commands = useCommands();
  const counts = useMemo(() => labelCounts(found, filter), [found, filter]);
  if (counts.length === 0) return null;
  const all = counts.map(({ key }) => key);
  const hidden = new Set(filter.hiddenLabels);
  const toggle = (event: MouseEvent, key: string) => {
    if (event.shiftKey || event.altKey) commands.declutter.showOnlyLabel(key, all);
    else commands.declutter.toggleLabel(key);
  };
  return (
    <fieldset className={styles.labels}>
      <legend className="visually-hidden">Labels</legend>
      {counts.map(({ key, label, color, count }) => (
        <button
          key={key}
          type="button"
          className={styles.label}
          aria-pressed={!hidden.has(key)}
          title="Click to show or hide; Shift+click to show it alone"
          data-testid="label-toggle"
          data-label={key}
          onClick={(event) => toggle(event, key)}
        >
          <span className={styles.swatch} style={{ color }} />
          {labelText(label)} <span className={styles.count}>{formatCount(count)}</span>
        </button>
      ))}
      {counts.length > 1 && (
        <button
          type="button"
          className={styles.all}
          data-testid="all-labels"
          onClick={() => commands.declutter.hideLabels(hidden.size > 0 ? [] : all)}
        >
          {hidden.size > 0 ? "Show all" : "Hide all"}
        </button>
      )}
    </fieldset>
  );
}
