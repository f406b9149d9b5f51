import { formatCount, formatDuration, plural } from "../../../app/presentation/numbers.ts";
import { type BatchPhase, progressOf } from "../../logic/batch/batch.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Blank } from "../../ui/Blank.tsx";
import { Button } from "../../ui/Button.tsx";
import { FilePicker } from "../../ui/FilePicker.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { WideView } from "../app/WideView.tsx";
import { ExportMenu } from "../export/ExportMenu.tsx";
import styles from "./BatchView.module.css";
import { ContactSheet } from "./ContactSheet.tsx";

/** Many files in a row: how far they are, and what was found in each. */
export default function BatchView() {
  const commands = useCommands();
  const batch = useApp((state) => state.batch);
  const progress = progressOf(batch.items);
  const runIds = batch.items.flatMap(({ runId, status }) => (status === "done" && runId !== undefined ? [runId] : []));
  return (
    <WideView
      title={batch.folder ?? "Batch"}
      label="Batch"
      about={
        <p data-testid="batch-progress" role="status">
          {statusText(batch.phase, progress)}
        </p>
      }
      actions={
        <>
          <BatchButtons phase={batch.phase} again={progress.all - progress.done - progress.left} />
          {runIds.length > 0 && batch.phase === "ended" && (
            <Button data-testid="batch-measure" onClick={() => void commands.batch.measure()}>
              Measure with ground truth
            </Button>
          )}
          <ExportMenu runIds={runIds} about="batch" />
        </>
      }
      closeLabel="Close the batch"
      testId="batch"
    >
      {progress.all > 0 && (
        <progress
          className={styles.bar}
          aria-label="Files finished"
          max={progress.all}
          value={progress.all - progress.left}
        />
      )}
      {batch.items.length === 0 ? <Beginning /> : <ContactSheet items={batch.items} />}
    </WideView>
  );
}

function statusText(phase: BatchPhase, { all, done, failed, left, leftMs }: ReturnType<typeof progressOf>): string {
  if (phase === "empty") return "";
  const facts = [`${formatCount(done)} of ${plural(all, "file")} done`];
  if (failed > 0) facts.push(`${formatCount(failed)} failed`);
  if (phase === "paused") facts.push("paused");
  else if (phase === "pausing") facts.push("pausing after this file");
  else if (left > 0)
    facts.push(leftMs === undefined ? "measuring the time left" : `about ${formatDuration(leftMs)} left`);
  return facts.join(" · ");
}

function BatchButtons({ phase, again }: { readonly phase: BatchPhase; readonly again: number }) {
  const { batch } = useCommands();
  if (phase === "empty") return null;
  if (phase === "ended") {
    return (
      <>
        {again > 0 && (
          <Button data-testid="batch-retry" onClick={() => void batch.retry()}>
            Try {plural(again, "file")} again
          </Button>
        )}
        <Button data-testid="batch-clear" onClick={() => batch.clear()}>
          New batch
        </Button>
      </>
    );
  }
  return (
    <>
      {phase === "running" ? (
        <Button data-testid="batch-pause" onClick={() => batch.pause()}>
          Pause
        </Button>
      ) : (
        <Button data-testid="batch-resume" onClick={() => void batch.resume()}>
          Resume
        </Button>
      )}
      <Button look="danger" data-testid="batch-cancel" onClick={() => void batch.cancel()}>
        Cancel
      </Button>
    </>
  );
}

/** What a batch is, and the two ways to begin one. */
function Beginning() {
  const { intake } = useCommands();
  const take = (files: readonly File[]) => {
    const list = files.filter(({ name }) => !name.startsWith("."));
    const [first] = list;
    if (first !== undefined) void intake.take(list, first.webkitRelativePath.split("/")[0] || "Batch");
  };
  return (
    <Blank>
      <h3>Detect in a whole folder</h3>
      <p>
        Drop a folder of screenshots anywhere in this window, or choose one. Each file becomes a run in the library; one
        that cannot be read does not stop the others.
      </p>
      <FilePicker label="Folder of screenshots" choose="folder" testId="folder-input" onFiles={take}>
        {(open) => (
          <Button look="primary" onClick={open}>
            <Icon name="open" />
            Choose a folder
          </Button>
        )}
      </FilePicker>
    </Blank>
  );
}
