import { Tabs } from "radix-ui";
import { lazy, Suspense } from "react";
import { formatCount } from "../../model/format.ts";
import { currentHistory, currentImage, shownDetections } from "../../store/selectors.ts";
import { currentMistakes } from "../../store/truth-selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { ElementsView } from "../elements/ElementsView.tsx";
import { RunsView } from "../runs/RunsView.tsx";
import styles from "./SidePanel.module.css";

const TruthView = lazy(() => import("../truth/TruthView.tsx"));

const tabs = ["elements", "runs", "truth"] as const;

/** What was found in the current image, the runs that found it, and what is known of it. */
export function SidePanel() {
  const image = useApp(currentImage);
  const mistakes = useApp((state) => currentMistakes(state).length);
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
          <Tabs.Trigger value="truth" className={styles.tab} data-testid="truth-tab">
            Truth {mistakes > 0 && <span className={styles.count}>{formatCount(mistakes)}</span>}
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="elements" className={styles.content}>
          <ElementsView />
        </Tabs.Content>
        <Tabs.Content value="runs" className={styles.content}>
          <RunsView key={image.id} />
        </Tabs.Content>
        <Tabs.Content value="truth" className={styles.content}>
          <Suspense fallback={null}>
            <TruthView image={image} />
          </Suspense>
        </Tabs.Content>
      </Tabs.Root>
    </aside>
  );
}
