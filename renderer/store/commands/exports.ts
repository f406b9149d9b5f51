import { HoloscopeError, type RunRecord } from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { type ExportFormat, exportFileName, exportFormats } from "../../model/export/formats.ts";
import { type AppStore, patch } from "../app-store.ts";
import type { UndoCommands } from "./undo-commands.ts";

export interface ExportNeeds {
  readonly client: WindowClient;
  readonly store: AppStore;
  readonly undoing: UndoCommands;
  readonly report: (error: unknown, about?: string) => void;
  /** Gives a file to the user. */
  readonly save: (content: Blob, name: string) => void;
}

/** Records that are read at once. */
const readers = 8;

/** Writes runs to files that other programs, people and machines read. */
export class Exports {
  constructor(private readonly needs: ExportNeeds) {}

  async export(format: ExportFormat, runIds: readonly string[]): Promise<void> {
    const { store, undoing, report, save } = this.needs;
    const [firstId] = runIds;
    if (firstId === undefined || store.getState().exports.working !== undefined) return;
    patch(store, "exports", { working: { done: 0, of: runIds.length } });
    try {
      const runs = await this.read(runIds);
      const names = this.names();
      const title = names.get(firstId) ?? runs[0]?.image.name ?? "Unnamed image";
      const ending = exportFormats.find(({ id }) => id === format)?.ending ?? "txt";
      const name = exportFileName(title, runs.length, ending);
      save(await this.content(format, runs, title, names), name);
      undoing.say(`${name} saved`);
    } catch (error) {
      report(error, "Export");
    } finally {
      patch(store, "exports", { working: undefined });
    }
  }

  private async content(
    format: ExportFormat,
    runs: readonly RunRecord[],
    title: string,
    names: ReadonlyMap<string, string>,
  ): Promise<Blob> {
    const [first] = runs;
    if (first === undefined) throw new HoloscopeError("RUN_NOT_FOUND", "There is no run to export.");
    if (format === "run" || format === "run-image") {
      const withImage = format === "run-image";
      const { json } = await this.needs.client.call("runs.export", { runId: first.id, withImage });
      return new Blob([json], { type: "application/json" });
    }
    const image = runs.length === 1 ? await this.image(first) : undefined;
    if (format === "png") {
      const { annotatedPng } = await import("../../views/export/annotated-png.ts");
      return annotatedPng(first, image);
    }
    // The writers load when they are first needed: most sessions export nothing.
    const { writeRuns } = await import("../../model/export/write-runs.ts");
    const imageUrl = image === undefined ? undefined : await dataUrl(image);
    const { text, type } = writeRuns(format, runs, {
      now: new Date().toISOString(),
      title: runs.length === 1 ? title : `${runs.length} runs`,
      names,
      imageUrl,
    });
    return new Blob([text], { type: `${type};charset=utf-8` });
  }

  private async read(runIds: readonly string[]): Promise<RunRecord[]> {
    const { client, store } = this.needs;
    const records: (RunRecord | undefined)[] = new Array(runIds.length).fill(undefined);
    let next = 0;
    let done = 0;
    const reader = async (): Promise<void> => {
      for (let index = next++; index < runIds.length; index = next++) {
        const runId = runIds[index];
        if (runId === undefined) continue;
        records[index] = await client.call("runs.get", { runId });
        done += 1;
        if (done % 25 === 0) patch(store, "exports", { working: { done, of: runIds.length } });
      }
    };
    await Promise.all(Array.from({ length: Math.min(readers, runIds.length) }, reader));
    return records.filter((record) => record !== undefined);
  }

  /** The stored screenshot; undefined where a run came from another machine without its image. */
  private async image(run: RunRecord): Promise<Blob | undefined> {
    const response = await fetch(this.needs.client.imageUrl(run.image.id)).catch(() => undefined);
    return response?.ok === true ? response.blob() : undefined;
  }

  /** Names that the user gave, as far as the window knows them. */
  private names(): ReadonlyMap<string, string> {
    const { library, runs } = this.needs.store.getState();
    const summaries = [...library.runs, ...Object.values(runs.history).flat()];
    return new Map(summaries.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name]])));
  }
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
