import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { z } from "zod";
import { kindOf, type Setting, settingGroups, valueOfText } from "../../../app/contract/index.ts";
import { formatCount } from "../../../app/presentation/numbers.ts";
import { shownValue, takenValues } from "../../../app/presentation/settings.ts";
import type { SettingOption, SettingRow } from "../../logic/settings/settings.ts";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { cx } from "../../ui/cx.ts";
import { SelectField } from "../../ui/SelectField.tsx";
import { TextField } from "../../ui/TextField.tsx";
import styles from "./SettingsView.module.css";

interface SettingListProps {
  /** In the order of the groups. */
  readonly rows: readonly SettingRow[];
  readonly optionsOf: (row: SettingRow) => readonly SettingOption[] | undefined;
  readonly onChange: (name: string, value: unknown) => void;
  readonly onReset: (row: SettingRow) => void;
  /** What stands below the settings of a group, and in their place where none of them is shown. */
  readonly below?: { readonly [G in Setting["group"]]?: ReactNode };
}

/** Settings under the headings of their groups, each with the control that its schema asks for. */
export function SettingList({ rows, optionsOf, onChange, onReset, below = {} }: SettingListProps) {
  const rowsOf = (group: Setting["group"]) => rows.filter(({ setting }) => setting.group === group);
  const groups = settingGroups.filter((group) => rowsOf(group).length > 0 || below[group] !== undefined);
  return (
    <div className={styles.groups}>
      {groups.map((group) => (
        <section key={group} className={styles.group} aria-label={group}>
          <h3 className={styles.heading}>{group}</h3>
          {rowsOf(group).length > 0 && (
            <ul className="card raised">
              {rowsOf(group).map((row) => (
                <SettingItem
                  key={row.name}
                  row={row}
                  options={optionsOf(row)}
                  onChange={(value) => onChange(row.name, value)}
                  onReset={() => onReset(row)}
                />
              ))}
            </ul>
          )}
          {below[group]}
        </section>
      ))}
    </div>
  );
}

interface SettingItemProps {
  readonly row: SettingRow;
  readonly options: readonly SettingOption[] | undefined;
  readonly onChange: (value: unknown) => void;
  readonly onReset: () => void;
}

function SettingItem({ row, options, onChange, onReset }: SettingItemProps) {
  const { name, setting, value, initial, changed } = row;
  const { title, about } = setting;
  const kind = kindOf(setting);
  const testId = `setting-${name}-control`;
  const chosen = { label: title, labelHidden: true, testId, value: String(value) };
  const standard = options?.find((option) => option.value === initial)?.text ?? shownValue(setting, initial);
  return (
    <li className={cx(styles.row, changed && styles.changed)} data-testid={`setting-${name}`} data-changed={changed}>
      <div>
        <h4 className={styles.title}>
          {title} <code className={styles.name}>{name}</code>
        </h4>
        <p className="soft">{about}</p>
      </div>
      <div className={styles.entry}>
        {options !== undefined && <SelectField {...chosen} options={options} onChange={onChange} />}
        {options === undefined && kind === "flag" && (
          <Checkbox checked={value === true} testId={testId} onChange={onChange}>
            <span className="visually-hidden">{title}: </span>
            {shownValue(setting, value)}
          </Checkbox>
        )}
        {options === undefined && kind !== "flag" && <TypedControl row={row} testId={testId} onChange={onChange} />}
        <p className={styles.default}>
          <span>Default: {standard}</span>
          {kind === "number" && <span>{takenValues(setting, formatCount)}</span>}
        </p>
        {changed && (
          <Button className={styles.reset} look="quiet" aria-label={`Reset ${title}`} onClick={onReset}>
            Reset
          </Button>
        )}
      </div>
    </li>
  );
}

interface TypedControlProps extends Pick<SettingItemProps, "row" | "onChange"> {
  readonly testId: string;
}

/** A text or a number: taken over with Enter or when the field is left, refused with what it takes. */
function TypedControl({ row: { setting, value }, testId, onChange }: TypedControlProps) {
  const [draft, setDraft] = useState<string>();
  const problem = useId();
  const typed = draft === undefined ? value : valueOfText(setting, draft);
  const number = kindOf(setting) === "number";
  const take = () => {
    if (typed === undefined) return;
    if (typed !== value) onChange(typed);
    setDraft(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") take();
    if (event.key !== "Escape" || draft === undefined) return;
    // The first Escape takes back what was typed; only the next one closes the view.
    event.stopPropagation();
    setDraft(undefined);
  };
  return (
    <>
      <TextField
        label={setting.title}
        labelHidden
        testId={testId}
        inputMode={number ? "decimal" : undefined}
        placeholder={setting.words?.[""]}
        value={draft ?? String(value)}
        aria-invalid={typed === undefined}
        aria-describedby={typed === undefined ? problem : undefined}
        onChange={setDraft}
        onBlur={take}
        onKeyDown={onKeyDown}
      />
      {typed === undefined && (
        <p id={problem} role="alert" className={styles.problem} data-testid="setting-problem">
          Takes {setting.schema instanceof z.ZodNumber && setting.schema.isInt && "a whole number, "}
          {takenValues(setting, formatCount)}.
        </p>
      )}
    </>
  );
}
