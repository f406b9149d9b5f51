import { formatBytes, plural } from "../../model/format.ts";
import { runsCatalogue } from "../../model/library/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { HubPanel } from "./HubPanel.tsx";
import { ImportPanel } from "./ImportPanel.tsx";
import { InstalledModel } from "./InstalledModel.tsx";
import { JobList } from "./JobList.tsx";
import styles from "./ModelsView.module.css";

/** The model files: what is here and fits, what runs, and where more comes from. */
export default function ModelsView() {
  const commands = useCommands();
  const models = useApp((state) => state.host.models);
  const back = () => commands.showScreen("image");
  useRegisteredCommands([{ ...runsCatalogue.back, run: back }]);

  return (
    <section className={styles.models} aria-label="Models" data-testid="models">
      <header className={styles.head}>
        <h2 className={styles.title}>Models</h2>
        <StorageLine count={models.length} />
        <span className={styles.spring} />
        <Button look="quiet" square aria-label="Close the models" onClick={back}>
          <Icon name="close" />
        </Button>
      </header>
      <div className={styles.body}>
        <div className={styles.column}>
          <JobList />
          <section className={styles.part} aria-labelledby="models-installed">
            <h3 id="models-installed" className={styles.heading}>
              On this machine
            </h3>
            <ul className={styles.list}>
              {models.map((entry) => (
                <InstalledModel key={entry.id} entry={entry} />
              ))}
            </ul>
          </section>
        </div>
        <div className={styles.column}>
          <HubPanel />
          <ImportPanel />
        </div>
      </div>
    </section>
  );
}

function StorageLine({ count }: { readonly count: number }) {
  const storage = useApp((state) => state.models.storage);
  const figures =
    storage === undefined
      ? ""
      : `, models folder ${formatBytes(storage.usedBytes)}, ${formatBytes(storage.freeBytes)} free on its disk`;
  return (
    <p className={styles.count} title={storage?.folder} data-testid="models-storage">
      {plural(count, "model")}
      {figures}
    </p>
  );
}
