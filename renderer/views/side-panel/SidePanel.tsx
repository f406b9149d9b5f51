import { lazy } from "react";
import { formatCount } from "../../../app/presentation/numbers.ts";
import { currentHistory, currentImage, shownDetections } from "../../store/selectors.ts";
import { currentMistakes } from "../../store/truth-selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Tab, TabList, TabPanel, TabsRoot } from "../../ui/Tabs.tsx";
import { ElementsView } from "../elements/ElementsView.tsx";
import { RunsView } from "../runs/RunsView.tsx";
import styles from "./SidePanel.module.css";

const TruthView = lazy(() => import("../truth/TruthView.tsx"));

const tabs = ["elements", "runs", "truth"] as const;

/** What was found in the current image, the runs that found it, and how that compares with the truth. */
export function SidePanel() {
  const image = useApp(currentImage);
  const elements = useApp((state) => shownDetections(state).length);
  const runs = useApp((state) => currentHistory(state).length);
  const mistakes = useApp((state) => currentMistakes(state).length);
  const remembered = useApp((state) => state.prefs.sideTab);
  const tab = tabs.find((each) => each === remembered) ?? "elements";
  const commands = useCommands();
  if (image === undefined) return null;
  return (
    <aside className={styles.panel} aria-label="Results">
      <TabsRoot value={tab} onValueChange={(sideTab) => commands.window.remember({ sideTab })} className={styles.tabs}>
        <TabList label="Results" className={styles.list}>
          <Tab value="elements">
            Elements <Count of={elements} />
          </Tab>
          <Tab value="runs" testId="runs-tab">
            Runs <Count of={runs} />
          </Tab>
          <Tab value="truth" testId="truth-tab">
            Truth <Count of={mistakes} />
          </Tab>
        </TabList>
        <TabPanel value="elements">
          <ElementsView />
        </TabPanel>
        <TabPanel value="runs">
          <RunsView key={image.id} />
        </TabPanel>
        <TabPanel value="truth">
          <TruthView image={image} />
        </TabPanel>
      </TabsRoot>
    </aside>
  );
}

function Count({ of }: { readonly of: number }) {
  return of > 0 && <span className={styles.count}>{formatCount(of)}</span>;
}
