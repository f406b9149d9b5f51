import type { ModelJob } from "../../../app/contract/index.ts";
import { formatBytes } from "../../model/format.ts";
import { groupJobs, jobFigures, jobFraction, jobVerb, type PausedPull, pullTitle } from "../../model/models/jobs.ts";
import { rememberLast } from "../../store/memo.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./ModelsView.module.css";
import { Problem } from "./Problem.tsx";

const grouped = rememberLast(groupJobs);
const nothing: readonly never[] = [];

/** Downloads, copies and conversions: running, interrupted and ended ones. */
export function JobList() {
  const { running, paused, ended } = useApp(({ models }) =>
    grouped(models.jobs, models.storage?.unfinished ?? nothing, models.hiddenJobs),
  );
  if (running.length + paused.length + ended.length === 0) return null;
  return (
    <section className={styles.part} aria-labelledby="models-jobs">
      <h3 id="models-jobs" className={styles.heading}>
        Downloads and conversions
      </h3>
      <ul className={styles.list}>
        {running.map((job) => (
          <RunningJob key={job.id} job={job} />
        ))}
        {paused.map((each) => (
          <InterruptedPull key={each.pull.id} {...each} />
        ))}
        {ended.map((job) => (
          <EndedJob key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}

function RunningJob({ job }: { readonly job: ModelJob }) {
  const { models } = useCommands();
  const fraction = jobFraction(job);
  return (
    <li className={styles.card} data-testid="job" data-state={job.state}>
      <div className={styles.cardHead}>
        <p className={styles.strong}>{job.title}</p>
        <span className={styles.spring} />
        <Button data-testid="job-cancel" aria-label={`Cancel ${job.title}`} onClick={() => void models.cancel(job.id)}>
          Cancel
        </Button>
      </div>
      <progress
        className={styles.progress}
        aria-label={job.title}
        max={1}
        {...(fraction === undefined ? {} : { value: fraction })}
      />
      <p className={styles.figures} data-testid="job-figures">
        {[[jobVerb(job), job.file].filter((text) => text !== undefined).join(" "), jobFigures(job)]
          .filter((text) => text !== "")
          .join(": ")}
      </p>
      {job.resumedBytes !== undefined && (
        <p className={styles.soft}>Resumed: {formatBytes(job.resumedBytes)} were here already.</p>
      )}
      <Notes notes={job.notes} />
    </li>
  );
}

function InterruptedPull({ pull, error }: PausedPull) {
  const { models } = useCommands();
  const title = pullTitle(pull.request);
  return (
    <li className={styles.card} data-testid="unfinished">
      <div className={styles.cardHead}>
        <p className={styles.strong}>{title}</p>
        <span className={styles.spring} />
        <Button
          look="primary"
          data-testid="pull-resume"
          aria-label={`Resume ${title}`}
          onClick={() => void models.pull(pull.request)}
        >
          Resume
        </Button>
        <Button
          look="danger"
          data-testid="pull-discard"
          aria-label={`Discard ${title}`}
          onClick={() => void models.discard(pull.id)}
        >
          Discard
        </Button>
      </div>
      <p className={styles.figures}>
        Interrupted: {formatBytes(pull.bytesDone)} of {formatBytes(pull.bytesTotal)} of {pull.file} are here.
      </p>
      {error !== undefined && <Problem error={error} />}
    </li>
  );
}

function EndedJob({ job }: { readonly job: ModelJob }) {
  const { models } = useCommands();
  return (
    <li className={styles.card} data-testid="job" data-state={job.state}>
      <div className={styles.cardHead}>
        <p>
          <span className={styles.strong}>{job.title}</span> <span className={styles.soft}>{endText(job)}</span>
        </p>
        <span className={styles.spring} />
        <Button look="quiet" square aria-label={`Dismiss ${job.title}`} onClick={() => models.hide(job.id)}>
          <Icon name="close" />
        </Button>
      </div>
      {job.error !== undefined && <Problem error={job.error} />}
      <Notes notes={job.notes} />
    </li>
  );
}

function endText(job: ModelJob): string {
  const added = job.entry === undefined ? "" : `, added as ${job.entry.name}`;
  const tensors = job.conversion === undefined ? "" : `, ${job.conversion.convertedTensors} tensors`;
  return `${jobVerb(job)}${tensors}${added}`;
}

function Notes({ notes }: { readonly notes: readonly string[] }) {
  return notes.map((note) => (
    <p key={note} className={styles.soft}>
      {note}
    </p>
  ));
}
