import { Tabs as Radix } from "radix-ui";
import { type ReactNode, Suspense } from "react";
import { cx } from "./cx.ts";
import styles from "./Tabs.module.css";

/** Holds a TabList and a TabPanel for each value. */
export const TabsRoot = Radix.Root;

interface TabListProps {
  readonly label: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A row of Tab. */
export function TabList({ label, className, children }: TabListProps) {
  return (
    <Radix.List className={cx(styles.list, className)} aria-label={label}>
      {children}
    </Radix.List>
  );
}

interface TabProps {
  readonly value: string;
  readonly testId?: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

export function Tab({ value, testId, children }: TabProps) {
  return (
    <Radix.Trigger value={value} className={styles.tab} data-testid={testId}>
      {children}
    </Radix.Trigger>
  );
}

/** What a tab shows: a column that fills its room. The content may load lazily. */
export function TabPanel({ value, className, children }: TabProps) {
  return (
    <Radix.Content value={value} className={cx(styles.content, className)}>
      <Suspense fallback={null}>{children}</Suspense>
    </Radix.Content>
  );
}
