import { DropdownMenu } from "radix-ui";
import { exportFormats } from "../../model/export/formats.ts";
import { formatCount } from "../../model/format.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./ExportMenu.module.css";

interface ExportMenuProps {
  readonly runIds: readonly string[];
  /** What is exported, as the button says it to a screen reader: "run", "selection", "comparison", "batch". */
  readonly about: string;
  /** Only the icon, where there is little room. */
  readonly compact?: boolean;
}

/** Every way in which one or several runs can be taken out of Holoscope. */
export function ExportMenu({ runIds, about, compact = false }: ExportMenuProps) {
  const commands = useCommands();
  const working = useApp((state) => state.exports.working);
  const formats = exportFormats.filter(({ many }) => many || runIds.length === 1);
  return (
    // Not modal: a modal menu would need an inline style sheet, which the page's policy forbids.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild disabled={runIds.length === 0 || working !== undefined}>
        <Button data-testid="export-menu" square={compact} aria-label={`Export ${about}`}>
          <Icon name="export" />
          {!compact && (working === undefined ? "Export" : progressText(working))}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.menu} align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Label className={styles.heading}>
            {runIds.length === 1 ? "Export this run as" : `Export ${formatCount(runIds.length)} runs as`}
          </DropdownMenu.Label>
          {formats.map(({ id, name, note }) => (
            <DropdownMenu.Item
              key={id}
              className={styles.item}
              data-testid={`export-${id}`}
              onSelect={() => void commands.exports.export(id, runIds)}
            >
              <span>{name}</span>
              <span className={styles.note}>{note}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function progressText({ done, of }: { readonly done: number; readonly of: number }): string {
  return of > 25 ? `Reading ${formatCount(done)} of ${formatCount(of)}…` : "Writing…";
}
