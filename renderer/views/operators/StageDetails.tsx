import type { StageOperators } from "../../../app/contract/index.ts";
import { stageTexts } from "../../../app/presentation/texts.ts";
import { categoryRows, shareRow } from "../../logic/operators/rows.ts";
import { Tab, TabList, TabPanel, TabsRoot } from "../../ui/Tabs.tsx";
import { AttentionTable } from "./AttentionTable.tsx";
import { HeatStrip } from "./HeatStrip.tsx";
import styles from "./OperatorsView.module.css";
import { ShareTable } from "./ShareTable.tsx";

/** One stage at a time: its layers, its attention, its shares. */
export function StageDetails({ stages }: { readonly stages: readonly StageOperators[] }) {
  const [first] = stages;
  if (first === undefined) return null;
  return (
    <TabsRoot defaultValue={first.stage} className="card">
      <TabList label="Stage" className={styles.tabs}>
        {stages.map(({ stage }) => (
          <Tab key={stage} value={stage} testId={`operators-tab-${stage}`}>
            {stageTexts[stage].name}
          </Tab>
        ))}
      </TabList>
      {stages.map((stage) => (
        <TabPanel key={stage.stage} value={stage.stage} className={styles.details}>
          <HeatStrip stage={stage} />
          <AttentionTable stage={stage} />
          <div className={styles.tables}>
            <ShareTable title="By category" rows={categoryRows(stage)} />
            <ShareTable title="By operator" code rows={stage.operators.map((cost) => shareRow(stage, cost.op, cost))} />
            <ShareTable title="By device" code rows={stage.devices.map((cost) => shareRow(stage, cost.device, cost))} />
          </div>
        </TabPanel>
      ))}
    </TabsRoot>
  );
}
