import { Fragment, useState } from "react";
import { commandGroups, type UserCommand } from "../../logic/commands/registry.ts";
import { useCommands, useRegistry } from "../../store/use-app.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Keys } from "../../ui/Keys.tsx";
import styles from "./ShortcutSheet.module.css";

/** Keys that work in every list, dialog and menu and belong to no command. */
const everywhere: readonly (readonly [string, string])[] = [
  ["Tab", "Next control or list"],
  ["ArrowDown", "Next row of a list; also ↑, Home, End"],
  ["Escape", "Close a dialog or menu"],
];

/** Every key of the window as it is now, from the one registry of commands. */
export default function ShortcutSheet() {
  const commands = useCommands();
  const registry = useRegistry();
  const [known] = useState(() =>
    registry.list().filter(({ keys, paletteOnly }) => keys?.length && paletteOnly !== true),
  );
  const groups = commandGroups.filter((group) => known.some((command) => command.group === group));
  return (
    <Dialog
      open
      size="large"
      title="Keyboard shortcuts"
      description="Keys of what is on screen now. Plain keys do nothing while you type."
      testId="shortcut-sheet"
      onOpenChange={() => commands.window.openDialog(undefined)}
    >
      <div className={styles.columns}>
        {groups.map((group) => (
          <section key={group} className={styles.group} aria-label={group}>
            <h3 className={styles.heading}>{group}</h3>
            <dl>
              {known
                .filter((command) => command.group === group)
                .map((command) => (
                  <Row key={command.id} command={command} />
                ))}
            </dl>
          </section>
        ))}
        <section className={styles.group} aria-label="Everywhere">
          <h3 className={styles.heading}>Everywhere</h3>
          <dl>
            {everywhere.map(([chord, text]) => (
              <div key={chord} className={styles.row}>
                <dt>{text}</dt>
                <dd>
                  <Keys chord={chord} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

function Row({ command }: { readonly command: UserCommand }) {
  return (
    <div className={styles.row} data-testid="shortcut-row" data-command={command.id}>
      <dt>{command.title}</dt>
      <dd>
        {command.keys?.map((chord, index) => (
          <Fragment key={chord}>
            {index > 0 && <span className={styles.or}>or</span>}
            <Keys chord={chord} />
          </Fragment>
        ))}
      </dd>
    </div>
  );
}
