import { useId, useMemo, useRef, useState } from "react";
import type { UserCommand } from "../../logic/commands/registry.ts";
import { type Match, searchCommands } from "../../logic/commands/search.ts";
import { useCommands, useRegistry } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Keys } from "../../ui/Keys.tsx";
import styles from "./Palette.module.css";

/** How many rows Page Up and Page Down move. */
const page = 8;

/** Every command that exists now, found by a few letters. */
export default function Palette() {
  const commands = useCommands();
  const registry = useRegistry();
  // What can be done does not change while the dialog keeps the window from being used.
  const [known] = useState(() => registry.list());
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const matches = useMemo(() => searchCommands(known, query), [known, query]);
  const current = matches[chosen];

  const close = () => commands.window.openDialog(undefined);
  const run = (command: UserCommand | undefined) => {
    if (command === undefined || command.blocked !== undefined) return;
    close();
    // The dialog gives the focus back in a timeout of its own; the command may move it after that.
    setTimeout(() => setTimeout(command.run));
  };
  const move = (to: number) => {
    const next = Math.max(0, Math.min(matches.length - 1, to));
    setChosen(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: chosen + 1 >= matches.length ? 0 : chosen + 1,
      ArrowUp: chosen === 0 ? matches.length - 1 : chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
    };
    const target = targets[event.key];
    if (target !== undefined) {
      event.preventDefault();
      move(target);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(current?.command);
    }
  };

  return (
    <Dialog bare open onOpenChange={close} title="Commands" testId="palette">
      <input
        type="text"
        role="combobox"
        className={styles.query}
        placeholder="Type a command, such as “detect” or “copy”"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={current === undefined ? undefined : optionId(listId, current.command.id)}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        value={query}
        data-testid="palette-query"
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setQuery(event.target.value);
          setChosen(0);
          list.current?.scrollTo({ top: 0 });
        }}
      />
      <div ref={list} id={listId} className={styles.list} role="listbox" aria-label="Commands">
        {matches.map((match, index) => (
          <Option
            key={match.command.id}
            id={optionId(listId, match.command.id)}
            match={match}
            chosen={index === chosen}
            onPoint={() => setChosen(index)}
            onRun={() => run(match.command)}
          />
        ))}
      </div>
      {matches.length === 0 && (
        <p className={styles.nothing} role="status">
          No command matches “{query}”. Clear the field to see all {known.length}.
        </p>
      )}
    </Dialog>
  );
}

const optionId = (listId: string, commandId: string) => `${listId}-${commandId}`;

interface OptionProps {
  readonly id: string;
  readonly match: Match;
  readonly chosen: boolean;
  readonly onPoint: () => void;
  readonly onRun: () => void;
}

function Option({ id, match: { command, at }, chosen, onPoint, onRun }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      className={cx(styles.option, chosen && styles.chosen)}
      aria-selected={chosen}
      aria-disabled={command.blocked !== undefined}
      data-testid="palette-option"
      data-command={command.id}
      onPointerMove={chosen ? undefined : onPoint}
      onClick={onRun}
    >
      <span className={styles.group}>{command.group}</span>
      <span className={styles.title}>
        <Emphasised text={command.title} at={at} />
        {command.blocked !== undefined && <span className={styles.blocked}> {command.blocked}</span>}
      </span>
      {command.keys?.[0] !== undefined && <Keys chord={command.keys[0]} />}
    </div>
  );
}

/** A title with the letters that were typed in bold, in as few pieces as possible. */
function Emphasised({ text, at }: { readonly text: string; readonly at: readonly number[] }) {
  if (at.length === 0) return text;
  const pieces: { readonly start: number; readonly bold: boolean; readonly text: string }[] = [];
  for (let index = 0; index < text.length; ) {
    const bold = at.includes(index);
    let end = index + 1;
    while (end < text.length && at.includes(end) === bold) end += 1;
    pieces.push({ start: index, bold, text: text.slice(index, end) });
    index = end;
  }
  return pieces.map((piece) => (piece.bold ? <b key={piece.start}>{piece.text}</b> : piece.text));
}
