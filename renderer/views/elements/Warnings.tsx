import type { Warning } from "../../../app/contract/index.ts";
import { warningTitles } from "../../../app/presentation/texts.ts";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./Warnings.module.css";

/** What the engine had to say about a run. The titles are always there, the sentences on demand. */
export function Warnings({ warnings }: { readonly warnings: readonly Warning[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Warnings">
      {warnings.map((warning) => (
        <li key={`${warning.code} ${warning.message}`}>
          <details className={styles.warning} data-testid="warning" data-code={warning.code}>
            <summary className={styles.title}>
              <Icon name="warning" />
              {warningTitles[warning.code]}
            </summary>
            <p className={styles.message}>{warning.message}</p>
          </details>
        </li>
      ))}
    </ul>
  );
}
