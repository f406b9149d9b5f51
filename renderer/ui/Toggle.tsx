import type { ComponentProps } from "react";
import { Button } from "./Button.tsx";
import styles from "./Toggle.module.css";

type ToggleProps = Omit<ComponentProps<typeof Button>, "onChange" | "look" | "className"> & {
  /** Names it; its visible text is `children`, which may be an icon. */
  readonly label: string;
  readonly pressed: boolean;
  readonly testId?: string;
  readonly onChange: (pressed: boolean) => void;
};

/** A button that stays pressed. */
export function Toggle({ label, pressed, testId, onChange, onClick, ...rest }: ToggleProps) {
  return (
    <Button
      look="quiet"
      className={styles.toggle}
      aria-label={label}
      aria-pressed={pressed}
      data-testid={testId}
      // A tip around the toggle listens for clicks as well.
      onClick={(event) => {
        onClick?.(event);
        onChange(!pressed);
      }}
      {...rest}
    />
  );
}
