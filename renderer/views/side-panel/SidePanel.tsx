import { Tabs } from "radix-ui";
import { formatCount } from "../../model/format.ts";
import { currentHistory, currentImage, shownDetections } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { ElementsView } from "../elements/ElementsView.tsx";
import { RunsView } from "../runs/RunsView.tsx";
import styles from "./SidePanel.module.css";

const tabs = ["elements", "runs"] as const;

/** What was found in the current image, and the runs that found it. */
export function SidePanel() {
  const image = useApp(currentImage);
  const elements = useApp((state) => shownDetections(state).length);
  const runs = useApp((state) => currentHistory(state).length);
  const remembered = useApp((state) => state.prefs.sideTab);
  const tab = tabs.find((each) => each === remembered) ?? "elements";
  const commands = useCommands();
  if (image === undefined) return null;
  return (
    <aside className={styles.panel} aria-label="Results">
      <Tabs.Root value={tab} onValueChange={(sideTab) => commands.window.remember({ sideTab })} className={styles.tabs}>
        <Tabs.List className={styles.list} aria-label="Results">
          <Tabs.Trigger value="elements" className={styles.tab}>
            Elements {elements > 0 && <span className={styles.count}>{formatCount(elements)}</span>}
          </Tabs.Trigger>
          <Tabs.Trigger value="runs" className={styles.tab} data-testid="runs-tab">
            Runs {runs > 0 && <span className={styles.count}>{formatCount(runs)}</span>}
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="elements" className={styles.content}>
          <ElementsView />
        </Tabs.Content>
        <Tabs.Content value="runs" className={styles.content}>
          <RunsView key={image.id} />
        </Tabs.Content>
      </Tabs.Root>
    </aside>
  );
}
