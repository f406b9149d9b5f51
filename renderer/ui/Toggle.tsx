import { Toggle as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./Button.tsx";
import styles from "./Toggle.module.css";

interface ToggleProps {
  /** Names it; its visible text is `children`, which may be an icon. */
  readonly label: string;
  readonly pressed: boolean;
  readonly square?: boolean;
  readonly disabled?: boolean;
  readonly testId?: string;
  readonly onChange: (pressed: boolean) => void;
  readonly children: ReactNode;
}

/** A button that stays pressed. */
export function Toggle({
  label,
  pressed,
  square = false,
  disabled = false,
  testId,
  onChange,
  children,
  ...rest
}: ToggleProps) {
  return (
    <Radix.Root asChild pressed={pressed} onPressedChange={onChange} disabled={disabled} {...rest}>
      <Button look="quiet" square={square} className={styles.toggle} aria-label={label} data-testid={testId}>
        {children}
      </Button>
    </Radix.Root>
  );
}
