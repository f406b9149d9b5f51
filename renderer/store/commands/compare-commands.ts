import { HoloscopeError, type RunRecord } from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { type AppStore, patch, update } from "../app-store.ts";
import { type CompareState, withChosen, withCompared } from "../compare-slice.ts";

/** Most runs of an image that its history looks through; the newest. */
export const historyLimit = 200;
/** Records asked for at the same time. */
const fetches = 6;

/** Choosing runs, comparing them, and looking at the comparison. */
export class CompareCommands {
  constructor(
    private readonly client: WindowClient,
    private readonly store: AppStore,
    private readonly report: (error: unknown, about?: string) => void,
  ) {}

  choose(runId: string, chosen: boolean): void {
    update(this.store, "compare", (compare) => withChosen(compare, runId, chosen));
  }

  chooseNone(): void {
    patch(this.store, "compare", { chosen: [] });
  }

  /** Fetches the runs and opens the comparison. They must be at least two, of one image. */
  async open(runIds: readonly string[]): Promise<void> {
    try {
      const records = await this.records(runIds);
      checkComparable(records);
      update(this.store, "compare", (compare) => withCompared(compare, records));
      patch(this.store, "screen", { current: "compare" });
    } catch (error) {
      this.report(error, "Compare");
    }
  }

  close(): void {
    patch(this.store, "screen", { current: "image" });
  }

  /** Ends the selection if there is one, else the comparison. */
  escape(): void {
    if (this.state.selectedId === undefined) this.close();
    else this.look({ selectedId: undefined });
  }

  /** Changes how the comparison is looked at. */
  look(change: Partial<Omit<CompareState, "chosen" | "records" | "history">>): void {
    patch(this.store, "compare", change);
  }

  /** Shows the other run of the two: from A to B, from anything else to A. */
  flicker(): void {
    this.look({ overlay: this.state.overlay === "a" ? "b" : "a" });
  }

  swap(): void {
    const { a, b } = this.state;
    this.look({ a: b, b: a, selectedId: undefined });
  }

  /** Puts a run on one side; if it is on the other side, the two change places. */
  setSide(side: "a" | "b", runId: string): void {
    const { a, b } = this.state;
    if (side === "a") this.look({ a: runId, b: runId === b ? a : b, selectedId: undefined });
    else this.look({ b: runId, a: runId === a ? b : a, selectedId: undefined });
  }

  lookAtHistory(change: Partial<Omit<CompareState["history"], "records">>): void {
    patch(this.store, "compare", { history: { ...this.state.history, ...change } });
  }

  /** Fetches the image's runs, so that each configuration can be followed over time. */
  async loadHistory(): Promise<void> {
    const { records, history } = this.state;
    const imageId = records[0]?.image.id;
    if (imageId === undefined || history.records !== undefined) return;
    try {
      const summaries = await this.client.call("runs.list", { imageId, limit: historyLimit });
      const found = await this.records(summaries.filter(({ status }) => status === "done").map(({ id }) => id));
      if (this.state.records !== records) return;
      patch(this.store, "compare", { history: { ...this.state.history, records: found } });
    } catch (error) {
      this.report(error, "History");
    }
  }

  private get state(): CompareState {
    return this.store.getState().compare;
  }

  /** Records in the order of the ids; those that the window has are not fetched again. */
  private async records(runIds: readonly string[]): Promise<readonly RunRecord[]> {
    const { runs, compare } = this.store.getState();
    const known = new Map(compare.records.map((record) => [record.id, record]));
    const found: RunRecord[] = [];
    for (let start = 0; start < runIds.length; start += fetches) {
      const fetched = runIds.slice(start, start + fetches).map((runId) => {
        return runs.byId[runId]?.record ?? known.get(runId) ?? this.client.call("runs.get", { runId });
      });
      found.push(...(await Promise.all(fetched)));
    }
    return found;
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
