import { useEffect, useMemo, useRef } from "react";
import { backendNames } from "../../../app/presentation/texts.ts";
import { viewCatalogue } from "../../logic/commands/catalogue.ts";
import { type Facet, type FacetName, facetsOf, noFilter, statusTexts } from "../../logic/library/filter.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import styles from "./LibraryFilters.module.css";

/** What of the library is shown. The lists offer only what occurs, with the number of runs. */
export function LibraryFilters() {
  const commands = useCommands();
  const runs = useApp((state) => state.library.runs);
  const filter = useApp((state) => state.library.filter);
  const facets = useMemo(() => facetsOf(runs), [runs]);
  const search = useRef<HTMLInputElement>(null);
  useRegisteredCommands([{ ...viewCatalogue.searchLibrary, run: () => search.current?.focus() }]);
  useEffect(() => search.current?.focus(), []);

  const pick = (name: FacetName, label: string, texts = noTexts) => (
    <SelectField
      label={label}
      testId={`library-${name}`}
      value={filter[name]}
      options={options(facets[name], filter[name], texts)}
      onChange={(value) => commands.library.filter({ [name]: value })}
    />
  );
  const day = (name: "from" | "to", label: string) => (
    <label className={styles.day}>
      <span className="faint-note">{label}</span>
      <input
        type="date"
        value={filter[name]}
        data-testid={`library-${name}`}
        onChange={(event) => commands.library.filter({ [name]: event.target.value })}
      />
    </label>
  );
  const filtered = Object.entries(noFilter).some(([name, value]) => Reflect.get(filter, name) !== value);

  return (
    <search className={styles.filters}>
      <input
        ref={search}
        type="search"
        className={styles.search}
        placeholder="Search name, image, model, machine, tag, note"
        aria-label="Search runs"
        data-testid="library-search"
        value={filter.text}
        onChange={(event) => commands.library.filter({ text: event.target.value })}
      />
      {pick("status", "Status", statusTexts)}
      {pick("model", "Model")}
      {pick("backend", "Backend", backendNames)}
      {pick("machine", "Machine")}
      {pick("tag", "Tag")}
      {day("from", "From")}
      {day("to", "To")}
      {filtered && (
        <Button look="quiet" data-testid="library-clear" onClick={() => commands.library.clearFilter()}>
          Clear
        </Button>
      )}
    </search>
  );
}

const noTexts: Readonly<Record<string, string>> = {};

/** A chosen value stays in the list even when its last run is gone, so that the choice can be seen. */
function options(facets: readonly Facet[], chosen: string, texts: Readonly<Record<string, string>>) {
  const known = facets.some(({ value }) => value === chosen) || chosen === "";
  return [
    { value: "", text: "Any" },
    ...[...facets, ...(known ? [] : [{ value: chosen, count: 0 }])].map(({ value, count }) => ({
      value,
      text: `${texts[value] ?? value} (${count})`,
    })),
  ];
}
