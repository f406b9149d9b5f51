import { Tabs } from "radix-ui";
import type { StageProfile } from "../../../app/contract/index.ts";
import { stageTexts } from "../../model/names.ts";
import { categoryRows, shareRow } from "../../model/op-profile/profile-rows.ts";
import { AttentionTable } from "./AttentionTable.tsx";
import { HeatStrip } from "./HeatStrip.tsx";
import { ShareTable } from "./ShareTable.tsx";
import styles from "./StageDetails.module.css";

/** One stage at a time: its layers, its attention, its shares. */
export function StageDetails({ stages }: { readonly stages: readonly StageProfile[] }) {
  const [first] = stages;
  if (first === undefined) return null;
  return (
    <Tabs.Root defaultValue={first.stage} className={styles.card}>
      <Tabs.List className={styles.list} aria-label="Stage">
        {stages.map(({ stage }) => (
          <Tabs.Trigger key={stage} value={stage} className={styles.tab} data-testid={`profile-tab-${stage}`}>
            {stageTexts[stage].name}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {stages.map((stage) => (
        <Tabs.Content key={stage.stage} value={stage.stage} className={styles.content}>
          <HeatStrip stage={stage} />
          <AttentionTable stage={stage} />
          <div className={styles.tables}>
            <ShareTable title="By category" rows={categoryRows(stage)} />
            <ShareTable title="By operator" code rows={stage.operators.map((cost) => shareRow(stage, cost.op, cost))} />
            <ShareTable title="By device" code rows={stage.devices.map((cost) => shareRow(stage, cost.device, cost))} />
          </div>
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
