import { formatBytes, plural } from "../../../app/presentation/numbers.ts";
import { useApp } from "../../store/use-app.tsx";
import { WideView } from "../app/WideView.tsx";
import { HubPanel } from "./HubPanel.tsx";
import { ImportPanel } from "./ImportPanel.tsx";
import { InstalledModel } from "./InstalledModel.tsx";
import { JobList } from "./JobList.tsx";
import styles from "./ModelsView.module.css";
import { Part } from "./parts.tsx";

/** The model files: what is here and fits, what runs, and where more comes from. */
export default function ModelsView() {
  const models = useApp((state) => state.host.models);

  return (
    <WideView
      title="Models"
      about={<StorageLine count={models.length} />}
      closeLabel="Close the models"
      testId="models"
    >
      <div className={styles.body}>
        <div className={styles.column}>
          <JobList />
          <Part id="models-installed" title="On this machine">
            <ul className="stack">
              {models.map((entry) => (
                <InstalledModel key={entry.id} entry={entry} />
              ))}
            </ul>
          </Part>
        </div>
        <div className={styles.column}>
          <HubPanel />
          <ImportPanel />
        </div>
      </div>
    </WideView>
  );
}

function StorageLine({ count }: { readonly count: number }) {
  const storage = useApp((state) => state.models.storage);
  const figures =
    storage === undefined
      ? ""
      : `, models folder ${formatBytes(storage.usedBytes)}, ${formatBytes(storage.freeBytes)} free on its disk`;
  return (
    <p title={storage?.folder} data-testid="models-storage">
      {plural(count, "model")}
      {figures}
    </p>
  );
}
