import type { RunRecord } from "../../app/contract/index.ts";
import type { WindowClient } from "../client/client.ts";
import type { AppStore } from "./app-store.ts";
import type { SelectionCommands } from "./commands/selection.ts";
import type { UndoCommands } from "./commands/undo.ts";
import type { WindowCommands } from "./commands/window.ts";
import { StoreCommands } from "./store-commands.ts";

/** Runs that are asked for at the same time. */
const fetchesAtOnce = 8;

/** What commands that call the host need. */
export interface Reach {
  readonly client: WindowClient;
  readonly store: AppStore;
  /** Tells the user what went wrong, and about what. */
  readonly report: (error: unknown, about?: string) => void;
  readonly selection: SelectionCommands;
  readonly undo: UndoCommands;
  readonly window: WindowCommands;
}

/** Commands that ask the host. None rejects: what goes wrong is reported. */
export abstract class HostCommands extends StoreCommands {
  protected readonly client: WindowClient;
  protected readonly report: Reach["report"];
  protected readonly selection: SelectionCommands;
  protected readonly undo: UndoCommands;
  protected readonly window: WindowCommands;

  constructor({ client, store, report, selection, undo, window }: Reach) {
    super(store);
    this.client = client;
    this.report = report;
    this.selection = selection;
    this.undo = undo;
    this.window = window;
  }

  /**
   * Runs by their ids, in that order; those that the window has are not fetched again.
   * @param onFetched called after each run with the number of those that are there.
   */
  protected async fetchRuns(
    runIds: readonly string[],
    onFetched?: (count: number) => void,
  ): Promise<readonly RunRecord[]> {
    const { runs, compare } = this.state;
    const records = new Map(compare.records.map((record) => [record.id, record]));
    const left = [...new Set(runIds)];
    let count = 0;
    const fetchNext = async (): Promise<void> => {
      for (let runId = left.shift(); runId !== undefined; runId = left.shift()) {
        const known = runs.byId[runId]?.record ?? records.get(runId);
        records.set(runId, known ?? (await this.client.call("runs.get", { runId })));
        count += 1;
        onFetched?.(count);
      }
    };
    await Promise.all(Array.from({ length: fetchesAtOnce }, fetchNext));
    return runIds.flatMap((runId) => records.get(runId) ?? []);
  }

  /** Does what may fail and reports if it did; the answer is then undefined. */
  protected async attempt<T>(about: string | undefined, action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.report(error, about);
      return undefined;
    }
  }
}
