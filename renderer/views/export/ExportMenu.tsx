import { formatCount } from "../../../app/presentation/numbers.ts";
import { exportFormats } from "../../logic/export/formats.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu, MenuItem, MenuLabel } from "../../ui/Menu.tsx";
import styles from "./ExportMenu.module.css";

interface ExportMenuProps {
  readonly runIds: readonly string[];
  /** What is exported, as the button says it to a screen reader: "run", "selection", "comparison", "batch". */
  readonly about: string;
}

/** Every way in which one or several runs can be taken out of Holoscope. */
export function ExportMenu({ runIds, about }: ExportMenuProps) {
  const commands = useCommands();
  const working = useApp((state) => state.exports.working);
  const formats = exportFormats.filter(({ many }) => many || runIds.length === 1);
  return (
    <Menu
      align="end"
      className={styles.menu}
      trigger={
        <Button
          disabled={runIds.length === 0 || working !== undefined}
          data-testid="export-menu"
          aria-label={`Export ${about}`}
        >
          <Icon name="export" />
          {working === undefined ? "Export" : progressText(working)}
        </Button>
      }
    >
      <MenuLabel text={runIds.length === 1 ? "Export this run as" : `Export ${formatCount(runIds.length)} runs as`} />
      {formats.map(({ id, name, note }) => (
        <MenuItem
          key={id}
          text={name}
          note={note}
          testId={`export-${id}`}
          onSelect={() => void commands.exports.export(id, runIds)}
        />
      ))}
    </Menu>
  );
}

function progressText({ done, of }: { readonly done: number; readonly of: number }): string {
  return of > 25 ? `Reading ${formatCount(done)} of ${formatCount(of)}…` : "Writing…";
}
