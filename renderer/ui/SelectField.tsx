import { useId } from "react";
import styles from "./SelectField.module.css";

export interface SelectOption<T extends string> {
  readonly value: T;
  readonly text: string;
  readonly disabled?: boolean;
}

interface SelectFieldProps<T extends string> {
  readonly label: string;
  /** The label is only for screen readers: what stands around it says the same. */
  readonly labelHidden?: boolean;
  readonly value: T;
  readonly options: readonly SelectOption<T>[];
  readonly onChange: (value: T) => void;
  readonly testId: string;
  /** Longer explanation of the present choice. */
  readonly title?: string | undefined;
  readonly disabled?: boolean;
}

/** The platform's own select with its label in the same frame: keyboard, type-ahead and screen readers just work. */
export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const id = useId();
  return (
    <div className={styles.field} title={props.title}>
      <label className={props.labelHidden ? "visually-hidden" : styles.label} htmlFor={id}>
        {props.label}
      </label>
      <select
        id={id}
        className={styles.select}
        value={props.value}
        disabled={props.disabled}
        data-testid={props.testId}
        onChange={(event) => {
          const chosen = props.options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) props.onChange(chosen.value);
        }}
      >
        {props.options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  );
}
