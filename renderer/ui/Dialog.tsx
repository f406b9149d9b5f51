import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { cx } from "./cx.ts";
import styles from "./Dialog.module.css";
import { IconButton } from "./IconButton.tsx";

interface DialogProps {
  readonly open: boolean;
  /** Called with false when the user closes it: Escape, the scrim or the button. */
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** A sentence below the title. */
  readonly description?: string;
  readonly size?: "small" | "medium" | "large";
  /** Without the visible head, for dialogs that begin with a field; the title still names it. */
  readonly bare?: boolean;
  readonly testId?: string;
  readonly children: ReactNode;
}

/**
 * A modal dialog: takes the focus, keeps it, and gives it back. Long content scrolls in `children`.
 * Radix's own overlay is not used: it injects a <style>, which the page's policy forbids.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  size = "medium",
  bare = false,
  ...rest
}: DialogProps) {
  const before = useRef<Element | null>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <div className={styles.scrim} />
        <Radix.Content
          className={cx(styles.dialog, styles[size], bare && styles.bare)}
          data-testid={rest.testId}
          onOpenAutoFocus={() => {
            before.current = document.activeElement;
          }}
          // Radix gives the focus back only to a trigger of its own; ours are keys and menus.
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (before.current instanceof HTMLElement) before.current.focus();
          }}
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
        >
          <header className={bare ? "visually-hidden" : styles.head}>
            <Radix.Title className="heading">{title}</Radix.Title>
            {!bare && (
              <Radix.Close asChild>
                <IconButton icon="close" label="Close" />
              </Radix.Close>
            )}
          </header>
          {description !== undefined && (
            <Radix.Description className={bare ? "visually-hidden" : styles.description}>
              {description}
            </Radix.Description>
          )}
          <div className={styles.body}>{rest.children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
