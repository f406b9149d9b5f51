import type { ReactNode } from "react";
import styles from "./Checkbox.module.css";

interface CheckboxProps {
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly testId?: string;
  readonly onChange: (checked: boolean) => void;
  /** What it says beside the box. */
  readonly children: ReactNode;
}

/** The platform's own check box with its label. */
export function Checkbox({ checked, disabled, testId, onChange, children }: CheckboxProps) {
  return (
    <label className={styles.field}>
      <input
        type="checkbox"
        className="tick-box"
        checked={checked}
        disabled={disabled}
        data-testid={testId}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
