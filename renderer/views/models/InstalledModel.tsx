import type { ModelEntry } from "../../../app/contract/index.ts";
import { formatBytes } from "../../../app/presentation/numbers.ts";
import { bf16Count, fileName, weightType } from "../../logic/models/texts.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { cx } from "../../ui/cx.ts";
import styles from "./ModelsView.module.css";
import { PresetField } from "./PresetField.tsx";
import { Fit, Problem } from "./parts.tsx";

/** A model of the list: its files, whether they fit, and what can be done with it. */
export function InstalledModel({ entry }: { readonly entry: ModelEntry }) {
  const commands = useCommands();
  const { id, name } = entry;
  const disk = useApp((state) => state.models.storage?.models.find((model) => model.id === id));
  const inspection = useApp((state) => state.models.inspections[id]);
  const unreadable = useApp((state) => state.models.unreadable[id]);
  const loading = useApp((state) => state.models.loadingId);
  const loaded = useApp(({ host: { engine } }) => engine?.model !== undefined && engine.modelId === id);
  const chosen = useApp((state) => state.host.settings?.modelId === id);
  const missing = disk?.missing === true;
  return (
    <li className={styles.card} aria-label={name} data-testid="model-card" data-model={id}>
      <div className={styles.cardHead}>
        <h4 className={styles.name}>{name}</h4>
        {chosen && <span className={styles.badge}>chosen</span>}
        {loaded && <span className={cx(styles.badge, styles.good)}>loaded</span>}
        {entry.bundled && <span className={styles.badge}>bundled</span>}
        <span className="grow" />
        {loaded ? (
          <Button data-testid="model-unload" onClick={() => void commands.models.unload()}>
            Unload
          </Button>
        ) : (
          <Button
            data-testid="model-load"
            disabled={missing || loading !== undefined}
            onClick={() => void commands.models.load(id)}
          >
            {loading === id ? "Loading…" : "Load"}
          </Button>
        )}
        {!entry.bundled && (
          <Button look="danger" data-testid="model-remove" onClick={() => void commands.models.remove(entry)}>
            Remove
          </Button>
        )}
      </div>
      <dl className={styles.facts}>
        <Fact name="Size">{formatBytes(disk?.bytes || entry.bytes)}</Fact>
        <Fact name="Model" title={entry.modelPath}>
          {inspection === undefined ? (entry.quantisation ?? "reading…") : weightType(inspection.model)},{" "}
          {entry.architecture}
        </Fact>
        <Fact name="mmproj" title={entry.mmprojPath}>
          {inspection === undefined
            ? fileName(entry.mmprojPath)
            : `${weightType(inspection.mmproj)}, ${formatBytes(inspection.mmproj.bytes)}`}
        </Fact>
      </dl>
      {!entry.bundled && <PresetField entry={entry} inspection={inspection} />}
      {disk?.fit !== undefined && <Fit fit={disk.fit} />}
      {missing && (
        <p className={styles.warning}>
          Its files are not where they were: {entry.modelPath}. Put them back, or remove the model and get it again.
        </p>
      )}
      {unreadable !== undefined && !missing && <Problem error={unreadable} />}
      {inspection !== undefined &&
        (["model", "mmproj"] as const).map((file) => {
          const tensors = bf16Count(inspection[file]);
          if (tensors === 0) return null;
          return (
            <div key={file} className={styles.offer}>
              <p>
                The {file} has {tensors} bf16 tensors, which some devices compute slowly. A copy in f16 is added as a
                model of its own.
              </p>
              <Button data-testid={`convert-${file}`} onClick={() => void commands.models.repair(id, file)}>
                Convert {file} to f16
              </Button>
            </div>
          );
        })}
    </li>
  );
}

function Fact(props: { readonly name: string; readonly title?: string; readonly children: React.ReactNode }) {
  return (
    <div className={styles.fact} title={props.title}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
