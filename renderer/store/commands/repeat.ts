import type { DetectRequest, RunRecord } from "../../../app/contract/index.ts";
import { isActive, type RunView } from "../../logic/run-view.ts";
import type { AppState } from "../app-store.ts";
import { detectRequestNow } from "../detect-request.ts";
import { HostCommands } from "../host-commands.ts";
import { type RepeatSeries, repeatLimits } from "../repeat-slice.ts";
import { withQueuedRun } from "../runs-slice.ts";

/** The same detection several times, one after the other. */
export class RepeatCommands extends HostCommands {
  /**
   * Detects with the present choices `count` times, after one run that does not count if `warmup`. The choices are
   * those of the start: changing them meanwhile changes nothing. Ends early when it is cancelled or a run fails.
   */
  async start(imageId: string, count: number, warmup: boolean): Promise<void> {
    const state = this.state;
    const request = detectRequestNow(state, imageId);
    if (request === undefined || state.repeat.series?.status === "running") return;
    const of = Math.min(repeatLimits.max, Math.max(repeatLimits.min, Math.round(count)));
    const group = crypto.randomUUID();
    const warmups = warmup ? 1 : 0;
    this.patch("repeat", {
      series: { group, imageId, of, warmups, status: "running", runId: undefined, records: [] },
    });
    try {
      for (let turn = 0; turn < warmups + of && this.#running(group); turn += 1) {
        const repeat = turn < warmups ? { group, index: 0, of, warmup: true } : { group, index: turn - warmups, of };
        await this.#runOnce(group, { ...request, repeat });
      }
      if (this.#running(group)) this.#change(group, { status: "done" });
    } catch (error) {
      this.report(error, "Repeat");
      this.#change(group, { status: "failed", runId: undefined });
    }
  }

  /** Ends the series; what it has measured stays. */
  async cancel(): Promise<void> {
    const { series } = this.state.repeat;
    if (series?.status !== "running") return;
    this.#change(series.group, { status: "cancelled" });
    const { runId } = series;
    if (runId !== undefined) await this.attempt("Cancel", () => this.client.call("runs.cancel", { runId }));
  }

  /** Puts the result away; the runs stay in the list. */
  dismiss(): void {
    if (this.state.repeat.series?.status !== "running") this.patch("repeat", { series: undefined });
  }

  async #runOnce(group: string, request: DetectRequest): Promise<void> {
    const { runId } = await this.client.call("runs.start", request);
    this.change("runs", (runs) => withQueuedRun(runs, runId, request));
    this.#change(group, { runId });
    // Cancelled between the call and its answer: there was no run to cancel then.
    if (!this.#running(group)) await this.client.call("runs.cancel", { runId });
    const ended = await this.#ended(runId);
    const record = ended?.record;
    if (record?.status === "done") this.#add(group, record);
    else if (this.#running(group)) this.#change(group, { status: ended?.status === "failed" ? "failed" : "cancelled" });
    this.#change(group, { runId: undefined });
  }

  /** The run when it is no longer queued or under way; undefined if its image was closed. */
  #ended(runId: string): Promise<RunView | undefined> {
    return new Promise((resolve) => {
      const check = (state: AppState): boolean => {
        const run = state.runs.byId[runId];
        if (isActive(run)) return false;
        resolve(run);
        return true;
      };
      if (check(this.state)) return;
      const end = this.store.subscribe((state) => {
        if (check(state)) end();
      });
    });
  }

  #running(group: string): boolean {
    const { series } = this.state.repeat;
    return series?.group === group && series.status === "running";
  }

  #add(group: string, record: RunRecord): void {
    this.change("repeat", ({ series }) =>
      series?.group === group ? { series: { ...series, records: [...series.records, record] } } : { series },
    );
  }

  #change(group: string, fields: Partial<RepeatSeries>): void {
    this.change("repeat", ({ series }) => ({
      series: series?.group === group ? { ...series, ...fields } : series,
    }));
  }
}
