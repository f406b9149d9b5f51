import { useMemo } from "react";
import { runNames } from "../../../model/compare/run-names.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import { Button } from "../../../ui/Button.tsx";
import { Icon } from "../../../ui/Icon.tsx";
import { SelectField } from "../../../ui/SelectField.tsx";
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
      <span className={styles.key} data-side="a" aria-hidden="true" />
      <SelectField
        label="A"
        value={a}
        options={options}
        testId="side-a"
        onChange={(id) => commands.compare.setSide("a", id)}
      />
      <Button square aria-label="Swap A and B" title="Swap A and B" onClick={() => commands.compare.swap()}>
        <Icon name="swap" />
      </Button>
      <span className={styles.key} data-side="b" aria-hidden="true" />
      <SelectField
        label="B"
        value={b}
        options={options}
        testId="side-b"
        onChange={(id) => commands.compare.setSide("b", id)}
      />
    </div>
  );
}
