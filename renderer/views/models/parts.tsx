import type { ReactNode } from "react";
import type { ErrorInfo, ModelFit } from "../../../app/contract/index.ts";
import { fitFigures, fitTexts } from "../../../app/presentation/texts.ts";
import { cx } from "../../ui/cx.ts";
import styles from "./ModelsView.module.css";

interface PartProps {
  /** DOM id of its heading. */
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}

/** A part of the view under a heading. */
export function Part({ id, title, children }: PartProps) {
  return (
    <section className={styles.part} aria-labelledby={id}>
      <h3 id={id} className="heading">
        {title}
      </h3>
      {children}
    </section>
  );
}

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

/** Whether a model fits this machine, with the figures and their source. */
export function Fit({ fit }: { readonly fit: ModelFit }) {
  const look = { gpu: styles.good, "gpu-partly": styles.warn, cpu: styles.warn, "too-large": styles.bad }[fit.verdict];
  return (
    <div className={styles.fit} data-testid="fit" data-verdict={fit.verdict}>
      <span className={cx(styles.badge, look)}>{fitTexts[fit.verdict]}</span>
      <p>
        {fitFigures(fit)}. <span className="soft">Source: {fit.source}</span>
      </p>
    </div>
  );
}
