import type { ErrorInfo } from "../../../app/contract/index.ts";
import styles from "./ModelsView.module.css";

/** An error in its place: what happened and what to do. */
export function Problem({ error }: { readonly error: ErrorInfo }) {
  return (
    <div className={styles.problem} role="alert" data-testid="models-problem" data-code={error.code}>
      <p className={styles.strong}>{error.message}</p>
      {error.hint !== undefined && <p>{error.hint}</p>}
      <p className={styles.code}>{error.code}</p>
    </div>
  );
}
