import { useMemo } from "react";
import { runNames } from "../../../logic/compare/run-names.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import { IconButton } from "../../../ui/IconButton.tsx";
import { SelectField, type SelectOption } from "../../../ui/SelectField.tsx";
import styles from "./SidePickers.module.css";

/** Which run stands on which side. */
export function SidePickers() {
  const commands = useCommands();
  const records = useApp((state) => state.compare.records);
  const a = useApp((state) => state.compare.a);
  const b = useApp((state) => state.compare.b);
  const options = useMemo(() => {
    const names = runNames(records);
    return records.map(({ id }) => ({ value: id, text: names.get(id) ?? id }));
  }, [records]);
  if (a === undefined || b === undefined) return null;
  return (
    <div className={styles.bar}>
      <SidePicker side="a" value={a} options={options} />
      <IconButton
        look="plain"
        icon="swap"
        label="Swap A and B"
        title="Swap A and B"
        onClick={() => commands.compare.swap()}
      />
      <SidePicker side="b" value={b} options={options} />
    </div>
  );
}

interface SidePickerProps {
  readonly side: "a" | "b";
  /** Id of the run on this side. */
  readonly value: string;
  readonly options: readonly SelectOption<string>[];
}

function SidePicker({ side, value, options }: SidePickerProps) {
  const commands = useCommands();
  return (
    <>
      <span className={styles.key} data-side={side} aria-hidden="true" />
      <SelectField
        label={side.toUpperCase()}
        value={value}
        options={options}
        testId={`side-${side}`}
        onChange={(id) => commands.compare.setSide(side, id)}
      />
    </>
  );
}
