import { DropdownMenu } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { chordText } from "../logic/commands/keys.ts";
import { cx } from "./cx.ts";
import { Icon } from "./Icon.tsx";
import styles from "./Menu.module.css";
import { onMac } from "./platform.ts";

interface MenuProps {
  /** One element that takes focus; it opens the menu. */
  readonly trigger: ReactElement;
  readonly align?: "start" | "end";
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/**
 * A menu of MenuItem, MenuCheck, MenuRadios, MenuLabel and MenuSeparator at its button.
 * Not modal: Radix's modal menus inject a <style>, which the page's policy forbids.
 */
export function Menu({ trigger, align = "start", className, children }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={cx(styles.menu, className)} align={align} sideOffset={5} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  readonly text: string;
  /** A few words about it. */
  readonly note?: string;
  /** The chord that does the same. */
  readonly chord?: string | undefined;
  readonly testId?: string;
  readonly onSelect: () => void;
}

export function MenuItem({ text, note, chord, testId, onSelect }: MenuItemProps) {
  return (
    <DropdownMenu.Item className={styles.item} data-testid={testId} onSelect={onSelect}>
      <span className={styles.mark} />
      <span className="grow">{text}</span>
      {note !== undefined && <span className="note">{note}</span>}
      {chord !== undefined && <kbd className={styles.keys}>{chordText(chord, onMac)}</kbd>}
    </DropdownMenu.Item>
  );
}

interface MenuCheckProps {
  readonly text: string;
  readonly checked: boolean;
  readonly testId?: string;
  readonly onChange: (checked: boolean) => void;
}

export function MenuCheck({ text, checked, testId, onChange }: MenuCheckProps) {
  return (
    <DropdownMenu.CheckboxItem
      className={styles.item}
      checked={checked}
      data-testid={testId}
      onCheckedChange={onChange}
    >
      <Mark />
      <span className="grow">{text}</span>
    </DropdownMenu.CheckboxItem>
  );
}

interface MenuRadiosProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly onChange: (value: T) => void;
}

/** One of several, under a heading. */
export function MenuRadios<T extends string>({ label, value, options, onChange }: MenuRadiosProps<T>) {
  return (
    <DropdownMenu.RadioGroup
      value={value}
      aria-label={label}
      onValueChange={(chosen) => {
        const option = options.find((each) => each.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
    >
      <MenuLabel text={label} />
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} className={styles.item} value={option.value}>
          <Mark />
          <span className="grow">{option.text}</span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function MenuLabel({ text }: { readonly text: string }) {
  return <DropdownMenu.Label className={styles.label}>{text}</DropdownMenu.Label>;
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className={styles.separator} />;
}

function Mark() {
  return (
    <span className={styles.mark}>
      <DropdownMenu.ItemIndicator>
        <Icon name="check" />
      </DropdownMenu.ItemIndicator>
    </span>
  );
}
