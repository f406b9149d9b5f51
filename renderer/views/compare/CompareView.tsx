import { lazy } from "react";
import { plural } from "../../../app/presentation/numbers.ts";
import { compareCatalogue } from "../../logic/commands/catalogue.ts";
import { type CompareTab, compareTabs } from "../../store/compare-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Tab, TabList, TabPanel, TabsRoot } from "../../ui/Tabs.tsx";
import styles from "./CompareView.module.css";
import { ElementsPanel } from "./elements/ElementsPanel.tsx";

const TimesPanel = lazy(() => import("./times/TimesPanel.tsx"));
const HistoryPanel = lazy(() => import("./history/HistoryPanel.tsx"));

const tabTexts: Readonly<Record<CompareTab, string>> = { elements: "Elements", times: "Times", history: "History" };

/** Two or more runs of one image: what they found, how long they took, and how that changed over time. */
export default function CompareView() {
  const commands = useCommands();
  const records = useApp((state) => state.compare.records);
  const tab = useApp((state) => state.compare.tab);
  useRegisteredCommands([{ ...compareCatalogue.close, run: () => commands.compare.escape() }]);
  const name = records[0]?.image.name;
  return (
    <section className={styles.view} aria-label="Comparison" data-testid="compare-view">
      <TabsRoot
        value={tab}
        className="column"
        onValueChange={(value) => {
          const chosen = compareTabs.find((each) => each === value);
          if (chosen !== undefined) commands.compare.look({ tab: chosen });
        }}
      >
        <header className={styles.head}>
          <h2 className={styles.title}>
            Compare <span className={styles.what}>{plural(records.length, "run")}</span>
            {name !== undefined && <span className={styles.what}> of {name}</span>}
          </h2>
          <TabList label="Comparison" className={styles.tabs}>
            {compareTabs.map((each) => (
              <Tab key={each} value={each} testId={`compare-tab-${each}`}>
                {tabTexts[each]}
              </Tab>
            ))}
          </TabList>
          <Button data-testid="compare-close" title="Close (Esc)" onClick={() => commands.compare.close()}>
            Close
          </Button>
        </header>
        <TabPanel value="elements">
          <ElementsPanel />
        </TabPanel>
        <TabPanel value="times">
          <TimesPanel />
        </TabPanel>
        <TabPanel value="history">
          <HistoryPanel />
        </TabPanel>
      </TabsRoot>
    </section>
  );
}
