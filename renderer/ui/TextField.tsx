import { type ComponentProps, useId } from "react";
import { cx } from "./cx.ts";
import styles from "./TextField.module.css";

type TextFieldProps = Omit<ComponentProps<"input">, "onChange" | "value"> & {
  readonly label: string;
  /** The label is only for screen readers; the placeholder must then say what belongs in it. */
  readonly labelHidden?: boolean;
  readonly value: string;
  readonly testId?: string;
  readonly onChange: (value: string) => void;
};

/** A line of text with its label. */
export function TextField({ label, labelHidden = false, value, testId, onChange, className, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className={cx(styles.field, className)}>
      <label htmlFor={id} className={labelHidden ? "visually-hidden" : styles.label}>
        {label}
      </label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        className={styles.input}
        value={value}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
    </div>
  );
}
