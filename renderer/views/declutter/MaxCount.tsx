import type { Filter } from "../../logic/declutter/filter.ts";
import { useCommands } from "../../store/use-app.tsx";
import styles from "./MaxCount.module.css";

/** How many elements to show at most: the most confident ones. Empty is no limit. */
export function MaxCount({ filter }: { readonly filter: Filter }) {
  const commands = useCommands();
  return (
    <label className={styles.field}>
      <span>At most</span>
      <input
        className={styles.input}
        type="number"
        min={1}
        step={1}
        inputMode="numeric"
        placeholder="all"
        value={filter.maxCount ?? ""}
        data-testid="max-count"
        onChange={({ target }) => {
          const count = Number.parseInt(target.value, 10);
          commands.declutter.setMaxCount(Number.isInteger(count) && count > 0 ? count : undefined);
        }}
      />
      <span>most confident ones</span>
    </label>
  );
}
