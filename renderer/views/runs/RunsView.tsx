import type { RunSummary } from "../../../app/contract/index.ts";
import { formatDateTime, formatMs, plural } from "../../../app/presentation/numbers.ts";
import { backendName, profileTexts } from "../../../app/presentation/texts.ts";
import { catalogue } from "../../logic/commands/catalogue.ts";
import { statusTexts } from "../../logic/library/filter.ts";
import { currentHistory, currentImage, shownRun } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { CompareCheck } from "../compare/CompareCheck.tsx";
import { RunTools } from "../compare/RunTools.tsx";
import styles from "./RunsView.module.css";

/** Finished runs of the current image, newest first; a click shows one. At the end the way to be rid of them all. */
export function RunsView() {
  const image = useApp(currentImage);
  const history = useApp(currentHistory);
  const { kept } = useCommands();
  if (image === undefined) return null;
  return (
    <>
      {history.length === 0 ? (
        <p className={styles.blank}>No finished run of this image yet.</p>
      ) : (
        <>
          <RunTools imageId={image.id} />
          <ul className={styles.list} aria-label="Runs of this image">
            {history.map((run) => (
              <RunRow key={run.id} imageId={image.id} run={run} />
            ))}
          </ul>
        </>
      )}
      <div className={styles.foot}>
        <Button look="quiet" data-testid="delete-image" onClick={() => void kept.askImage(image)}>
          {catalogue.deleteImage.title}
        </Button>
      </div>
    </>
  );
}

function RunRow({ imageId, run }: { readonly imageId: string; readonly run: RunSummary }) {
  const commands = useCommands();
  const shown = useApp((state) => shownRun(state)?.id === run.id);
  const backend = run.backend === undefined ? undefined : backendName(run.backend);
  const facts = [run.modelName, backend, profileTexts[run.profile]].filter((fact) => fact !== undefined);
  return (
    <li className={styles.item}>
      <CompareCheck run={run} />
      <button
        type="button"
        className={styles.row}
        aria-current={shown}
        data-testid="run-row"
        data-status={run.status}
        onClick={() => void commands.showRun(imageId, run.id)}
      >
        <span className={styles.result}>
          {run.status === "done" ? plural(run.detections, "element") : statusTexts[run.status]}
        </span>
        <span className="figures">{run.status === "done" ? formatMs(run.totalMs) : ""}</span>
        <span className={styles.facts}>{facts.join(" · ")}</span>
        <span className={styles.facts}>
          {run.machineName}, {formatDateTime(run.createdAt)}
        </span>
      </button>
    </li>
  );
}
