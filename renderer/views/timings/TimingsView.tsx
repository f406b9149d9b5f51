import { lazy, Suspense } from "react";
import type { Size } from "../../../app/contract/index.ts";
import { formatBytes, formatMs } from "../../../app/presentation/numbers.ts";
import { shrinkText } from "../../../app/presentation/shrink.ts";
import { provenance } from "../../logic/provenance.ts";
import { isActive, type RunView } from "../../logic/run-view.ts";
import { stageRows } from "../../logic/stage-rows.ts";
import { currentImage, shownRun } from "../../store/selectors.ts";
import { useApp } from "../../store/use-app.tsx";
import { StageTable } from "./StageTable.tsx";
import styles from "./TimingsView.module.css";

// The chart library is a third of the window's code: it loads with the first run.
const StageChart = lazy(() => import("./StageChart.tsx"));

/** Where the shown run's time went; nothing while no image is open. */
export function TimingsView() {
  const image = useApp(currentImage);
  const shown = useApp(shownRun);
  // Between the click and the host's answer the previous run's figures must not pass for the new one's.
  const starting = useApp((state) => image !== undefined && state.runs.starting.includes(image.id));
  if (image === undefined) return null;
  const run = starting ? undefined : shown;
  const rows = stageRows(run?.stages ?? [], doneTotal(run), run?.record?.result?.tokens);
  return (
    <section className={styles.panel} aria-label="Stage timings" data-testid="timings">
      <header className={styles.head}>
        <h2 className="subheading">Time by stage</h2>
        <Total run={run} starting={starting} />
        <Facts run={run} />
      </header>
      <figure className={styles.chart} data-testid="stage-chart" aria-label="Stages of the run as one stacked bar">
        <Suspense fallback={null}>
          <StageChart rows={rows} />
        </Suspense>
      </figure>
      <StageTable rows={rows} running={isActive(run)} />
      <p className={styles.source} data-testid="provenance">
        {run?.record === undefined ? "Measured on this machine, on one monotonic clock" : provenance(run.record)}
      </p>
    </section>
  );
}

/** ms of a run that is done; a run that ended early has no total. */
function doneTotal(run: RunView | undefined): number | undefined {
  return run?.status === "done" ? run.record?.totalMs : undefined;
}

function Total({ run, starting }: { readonly run: RunView | undefined; readonly starting: boolean }) {
  const total = doneTotal(run);
  if (total !== undefined) {
    return (
      <p className="soft">
        <span className="faint-note">Total</span>{" "}
        <span className={styles.totalFigure} data-testid="total-ms">
          {formatMs(total)}
        </span>
      </p>
    );
  }
  const state =
    starting || isActive(run)
      ? "Measuring…"
      : run === undefined
        ? "Not run"
        : run.status === "failed"
          ? "Failed before the end"
          : "Cancelled before the end";
  return (
    <p className="soft" data-testid="total-ms">
      {state}
    </p>
  );
}

/** The model's input and, where it is smaller than what was shown to the model, how much. */
function inputText(run: RunView | undefined, input: Size): string {
  const size = `${input.width} × ${input.height} px`;
  const { image, focus } = run?.record ?? {};
  if (image === undefined || focus?.outcome === "unchanged") return size;
  const [x1, y1, x2, y2] = focus?.region ?? [0, 0, image.width, image.height];
  const shrunk = shrinkText({ width: x2 - x1, height: y2 - y1 }, input);
  return shrunk === undefined ? size : `${size}, ${shrunk}`;
}

function Facts({ run }: { readonly run: RunView | undefined }) {
  const result = run?.record?.result;
  if (result === undefined) return null;
  const facts = [
    ["First element", result.firstDetectionMs === undefined ? "none" : formatMs(result.firstDetectionMs)],
    ["Model input", inputText(run, result.input)],
    ...(result.memory === undefined ? [] : [["Memory", formatBytes(result.memory.residentBytes)] as const]),
  ] as const;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="faint-note">{name}</dt> <dd className={styles.fact}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
