import { plural } from "../../../app/presentation/numbers.ts";
import { compareCatalogue } from "../../logic/commands/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { RepeatPanel } from "../repeat/RepeatPanel.tsx";
import styles from "./RunTools.module.css";

/** What can be done with the runs of an image: compare those that are ticked, or make more of them. */
export function RunTools({ imageId }: { readonly imageId: string }) {
  const commands = useCommands();
  const chosen = useApp((state) => state.compare.chosen);
  const enough = chosen.length >= 2;
  const open = () => void commands.compare.open(chosen);
  useRegisteredCommands([
    {
      ...compareCatalogue.compare,
      blocked: enough ? undefined : "Tick two runs in the list of runs first.",
      run: open,
    },
  ]);
  return (
    <div className={styles.tools}>
      <div className="row">
        <Button look={enough ? "primary" : "plain"} disabled={!enough} data-testid="compare-button" onClick={open}>
          {enough ? `Compare ${plural(chosen.length, "run")}` : "Compare"}
        </Button>
        {chosen.length === 0 ? (
          <p className="note">Tick two or more runs to compare them.</p>
        ) : (
          <Button look="quiet" onClick={() => commands.compare.chooseNone()}>
            Clear
          </Button>
        )}
      </div>
      <RepeatPanel imageId={imageId} />
    </div>
  );
}
