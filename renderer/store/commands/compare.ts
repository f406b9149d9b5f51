import { HoloscopeError, type RunRecord } from "../../../app/contract/index.ts";
import { type CompareState, withChosen, withCompared } from "../compare-slice.ts";
import { HostCommands } from "../host-commands.ts";

/** Most runs of an image that its history looks through; the newest. */
export const historyLimit = 200;

/** Choosing runs, comparing them, and looking at the comparison. */
export class CompareCommands extends HostCommands {
  choose(runId: string, chosen: boolean): void {
    this.change("compare", (compare) => withChosen(compare, runId, chosen));
  }

  chooseNone(): void {
    this.patch("compare", { chosen: [] });
  }

  /** Fetches the runs and opens the comparison. They must be at least two, of one image. */
  async open(runIds: readonly string[]): Promise<void> {
    await this.attempt("Compare", async () => {
      const records = await this.fetchRuns(runIds);
      checkComparable(records);
      this.change("compare", (compare) => withCompared(compare, records));
      this.patch("screen", { current: "compare" });
    });
  }

  close(): void {
    this.patch("screen", { current: "image" });
  }

  /** Ends the selection if there is one, else the comparison. */
  escape(): void {
    if (this.#state.selectedId === undefined) this.close();
    else this.look({ selectedId: undefined });
  }

  /** Changes how the comparison is looked at. */
  look(change: Partial<Omit<CompareState, "chosen" | "records" | "history">>): void {
    this.patch("compare", change);
  }

  /** Shows the other run of the two: from A to B, from anything else to A. */
  flicker(): void {
    this.look({ overlay: this.#state.overlay === "a" ? "b" : "a" });
  }

  swap(): void {
    const { a, b } = this.#state;
    this.look({ a: b, b: a, selectedId: undefined });
  }

  /** Puts a run on one side; if it is on the other side, the two change places. */
  setSide(side: "a" | "b", runId: string): void {
    const { a, b } = this.#state;
    if (side === "a") this.look({ a: runId, b: runId === b ? a : b, selectedId: undefined });
    else this.look({ b: runId, a: runId === a ? b : a, selectedId: undefined });
  }

  lookAtHistory(change: Partial<Omit<CompareState["history"], "records">>): void {
    this.patch("compare", { history: { ...this.#state.history, ...change } });
  }

  /** Fetches the image's runs, so that each configuration can be followed over time. */
  async loadHistory(): Promise<void> {
    const { records, history } = this.#state;
    const imageId = records[0]?.image.id;
    if (imageId === undefined || history.records !== undefined) return;
    await this.attempt("History", async () => {
      const summaries = await this.client.call("runs.list", { imageId, limit: historyLimit });
      const found = await this.fetchRuns(summaries.filter(({ status }) => status === "done").map(({ id }) => id));
      if (this.#state.records !== records) return;
      this.patch("compare", { history: { ...this.#state.history, records: found } });
    });
  }

  get #state(): CompareState {
    return this.state.compare;
  }
}

function checkComparable(records: readonly RunRecord[]): void {
  if (records.length < 2) {
    throw new HoloscopeError("BAD_REQUEST", "A comparison needs two runs.", "Tick another run of the same image.");
  }
  if (new Set(records.map(({ image }) => image.id)).size > 1) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      "The ticked runs are of different images.",
      "Tick runs of one image: boxes of different screenshots cannot be compared.",
    );
  }
}
