import type { ComponentProps } from "react";
import styles from "./Button.module.css";
import { cx } from "./cx.ts";

type ButtonProps = ComponentProps<"button"> & {
  readonly look?: "plain" | "primary" | "danger" | "quiet";
  /** Square, for a single icon; needs an aria-label. */
  readonly square?: boolean;
};

export function Button({ look = "plain", square = false, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={cx(styles.button, styles[look], square && styles.square, className)} {...rest} />
  );
}
