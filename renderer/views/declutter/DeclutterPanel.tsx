import { useRef, useState } from "react";
import { formatCount } from "../../../app/presentation/numbers.ts";
import { declutterCatalogue } from "../../logic/commands/catalogue.ts";
import { isFiltering } from "../../logic/declutter/filter.ts";
import { shownFound, visibleElements } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText, useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Icon } from "../../ui/Icon.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { Tip } from "../../ui/Tip.tsx";
import { Toggle } from "../../ui/Toggle.tsx";
import { ConfidenceFilter } from "./ConfidenceFilter.tsx";
import styles from "./DeclutterPanel.module.css";
import { LabelToggles } from "./LabelToggles.tsx";
import { MaxCount } from "./MaxCount.tsx";

/** What to leave out of picture and list: by text, label, confidence, number, or all but the selection. */
export function DeclutterPanel() {
  const commands = useCommands();
  const found = useApp(shownFound);
  const { items, below } = useApp(visibleElements);
  const filter = useApp((state) => state.filter);
  const selected = useApp((state) => state.view.selectedIds.length);
  const [open, setOpen] = useState(true);
  const field = useRef<HTMLDivElement>(null);
  const filtering = isFiltering(filter);
  const only = filter.only !== undefined;
  const onlyBlocked = selected === 0 && !only ? "Select an element first." : undefined;

  useRegisteredCommands([
    { ...declutterCatalogue.find, run: () => field.current?.querySelector("input")?.focus() },
    { ...declutterCatalogue.onlySelected, blocked: onlyBlocked, run: () => commands.declutter.toggleOnlySelected() },
    { ...declutterCatalogue.panel, run: () => setOpen(!open) },
    {
      ...declutterCatalogue.reset,
      blocked: filtering ? undefined : "No filter is set.",
      run: () => commands.declutter.reset(),
    },
  ]);

  return (
    <section className={styles.panel} aria-label="Filters" data-testid="declutter">
      <div ref={field} className={styles.bar}>
        <TextField
          className="grow"
          label="Find elements"
          labelHidden
          type="search"
          placeholder="Find by label or text (/)"
          value={filter.text}
          testId="text-filter"
          onChange={(text) => commands.declutter.setText(text)}
        />
        <Tip text={onlyBlocked ?? tipText(declutterCatalogue.onlySelected)}>
          <Toggle
            label="Show only the selection"
            square
            pressed={only}
            aria-disabled={onlyBlocked !== undefined}
            testId="only-selected"
            onChange={() => commands.declutter.toggleOnlySelected()}
          >
            <Icon name="isolate" />
          </Toggle>
        </Tip>
        <Toggle label="Filters" square pressed={open} testId="toggle-filters" onChange={setOpen}>
          <Icon name="funnel" />
        </Toggle>
      </div>
      {open && (
        <>
          <LabelToggles found={found} filter={filter} />
          <ConfidenceFilter found={found} filter={filter} />
          <MaxCount filter={filter} />
        </>
      )}
      {filtering && (
        <p className={styles.state} role="status" data-testid="filter-state">
          <span>
            {formatCount(items.length)} of {formatCount(found.detections.length + found.belowThreshold.length)} shown
            {below.size > 0 && `, ${formatCount(below.size)} from below the threshold`}
          </span>
          <button type="button" className={styles.clear} onClick={() => commands.declutter.reset()}>
            Clear filters
          </button>
        </p>
      )}
    </section>
  );
}
