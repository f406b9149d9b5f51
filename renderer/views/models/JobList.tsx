import type { ComponentProps, ReactNode } from "react";
import type { ModelJob } from "../../../app/contract/index.ts";
import { jobFigures, jobFraction, jobVerb } from "../../../app/presentation/model-jobs.ts";
import { formatBytes } from "../../../app/presentation/numbers.ts";
import { groupJobs, type PausedPull, pullTitle } from "../../logic/models/jobs.ts";
import { rememberLast } from "../../logic/remember-last.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import styles from "./ModelsView.module.css";
import { Part, Problem } from "./parts.tsx";

const grouped = rememberLast(groupJobs);
const nothing: readonly never[] = [];

/** Downloads, copies and conversions: running, interrupted and ended ones, and files that no model uses. */
export function JobList() {
  const { models: commands } = useCommands();
  const { running, paused, ended } = useApp(({ models }) =>
    grouped(models.jobs, models.storage?.unfinished ?? nothing, models.hiddenJobs),
  );
  const unused = useApp(({ models }) => models.storage?.unused ?? nothing);
  if (running.length + paused.length + ended.length + unused.length === 0) return null;
  return (
    <Part id="models-jobs" title="Downloads and conversions">
      <ul className="stack">
        {running.map((job) => (
          <JobCard
            key={job.id}
            title={job.title}
            notes={job.notes}
            testId="job"
            data-state={job.state}
            actions={
              <Button
                data-testid="job-cancel"
                aria-label={`Cancel ${job.title}`}
                onClick={() => void commands.cancel(job.id)}
              >
                Cancel
              </Button>
            }
          >
            <progress className={styles.progress} aria-label={job.title} max={1} value={jobFraction(job)} />
            <p className="tabular" data-testid="job-figures">
              {[[jobVerb(job), job.file].filter((text) => text !== undefined).join(" "), jobFigures(job)]
                .filter((text) => text !== "")
                .join(": ")}
            </p>
            {job.resumedBytes !== undefined && (
              <p className="soft">Resumed: {formatBytes(job.resumedBytes)} were here already.</p>
            )}
          </JobCard>
        ))}
        {paused.map((each) => (
          <InterruptedPull key={each.pull.id} {...each} />
        ))}
        {ended.map((job) => (
          <JobCard
            key={job.id}
            title={job.title}
            about={endText(job)}
            notes={job.notes}
            testId="job"
            data-state={job.state}
            actions={<IconButton icon="close" label={`Dismiss ${job.title}`} onClick={() => commands.hide(job.id)} />}
          >
            {job.error !== undefined && <Problem error={job.error} />}
          </JobCard>
        ))}
        {unused.map(({ id, bytes }) => (
          <JobCard
            key={id}
            title={id}
            about={`${formatBytes(bytes)}, used by no model`}
            testId="unused"
            actions={
              <Button
                look="danger"
                data-testid="unused-discard"
                aria-label={`Delete ${id}`}
                onClick={() => void commands.discard(id)}
              >
                Delete
              </Button>
            }
          />
        ))}
      </ul>
    </Part>
  );
}

type JobCardProps = ComponentProps<"li"> & {
  readonly title: string;
  /** What became of it. */
  readonly about?: string;
  readonly actions: ReactNode;
  readonly notes?: readonly string[];
  readonly testId: string;
};

function JobCard({ title, about, actions, notes = [], testId, children, ...rest }: JobCardProps) {
  return (
    <li className={styles.card} data-testid={testId} {...rest}>
      <div className={styles.cardHead}>
        <p>
          <span className={styles.strong}>{title}</span> <span className="soft">{about}</span>
        </p>
        <span className="grow" />
        {actions}
      </div>
      {children}
      {notes.map((note) => (
        <p key={note} className="soft">
          {note}
        </p>
      ))}
    </li>
  );
}

function InterruptedPull({ pull, error }: PausedPull) {
  const { models } = useCommands();
  const title = pullTitle(pull.request);
  const actions = (
    <>
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
    </>
  );
  return (
    <JobCard title={title} actions={actions} testId="unfinished">
      <p className="tabular">
        Interrupted: {formatBytes(pull.bytesDone)} of {formatBytes(pull.bytesTotal)} of {pull.file} are here.
      </p>
      {error !== undefined && <Problem error={error} />}
    </JobCard>
  );
}

function endText(job: ModelJob): string {
  const added = job.entry === undefined ? "" : `, added as ${job.entry.name}`;
  const tensors = job.conversion === undefined ? "" : `, ${job.conversion.convertedTensors} tensors`;
  return `${jobVerb(job)}${tensors}${added}`;
}
