import type { ReactNode } from "react";
import styles from "./Blank.module.css";
import { cx } from "./cx.ts";

interface BlankProps {
  readonly className?: string | undefined;
  readonly testId?: string;
  readonly children?: ReactNode;
}

/** What a view shows while it has nothing to show: a heading (h3), sentences that teach, and the first thing to do. */
export function Blank({ className, testId, children }: BlankProps) {
  return (
    <div className={cx(styles.blank, className)} data-testid={testId}>
      {children}
    </div>
  );
}
