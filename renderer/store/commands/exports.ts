import { type Detection, HoloscopeError, type ImageRef, type RunRecord } from "../../../app/contract/index.ts";
import { type ExportFormat, exportFileName, exportFormats } from "../../logic/export/formats.ts";
import { saveFile } from "../../ui/save-file.ts";
import { HostCommands } from "../host-commands.ts";

/** Writes runs to files that other programs, people and machines read. */
export class ExportsCommands extends HostCommands {
  async export(format: ExportFormat, runIds: readonly string[]): Promise<void> {
    const [firstId] = runIds;
    if (firstId === undefined || this.state.exports.working !== undefined) return;
    this.patch("exports", { working: { done: 0, of: runIds.length } });
    try {
      const runs = await this.fetchRuns(runIds, (done) => {
        if (done % 25 === 0) this.patch("exports", { working: { done, of: runIds.length } });
      });
      const names = this.#names();
      const title = names.get(firstId) ?? runs[0]?.image.name ?? "Unnamed image";
      const ending = exportFormats.find(({ id }) => id === format)?.ending ?? "txt";
      const name = exportFileName(title, runs.length, ending);
      saveFile(await this.#content(format, runs, title, names), name);
      this.undo.say(`${name} saved`);
    } catch (error) {
      this.report(error, "Export");
    } finally {
      this.patch("exports", { working: undefined });
    }
  }

  /** An image with elements drawn on it, as PNG of the image's own size. */
  async picture(image: ImageRef, elements: readonly Detection[]): Promise<Blob> {
    const { png } = await this.client.call("images.overlay", { image, elements: [...elements] });
    return new Blob([Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))], { type: "image/png" });
  }

  async #content(
    format: ExportFormat,
    runs: readonly RunRecord[],
    title: string,
    names: ReadonlyMap<string, string>,
  ): Promise<Blob> {
    const [first] = runs;
    if (first === undefined) throw new HoloscopeError("RUN_NOT_FOUND", "There is no run to export.");
    if (format === "run" || format === "run-image") {
      const withImage = format === "run-image";
      const { json } = await this.client.call("runs.export", { runId: first.id, withImage });
      return new Blob([json], { type: "application/json" });
    }
    if (format === "png") return this.picture(first.image, first.detections);
    const image = runs.length === 1 ? await this.#image(first) : undefined;
    // The writers load when they are first needed: most sessions export nothing.
    const { writeRuns } = await import("../../logic/export/write-runs.ts");
    const imageUrl = image === undefined ? undefined : await dataUrl(image);
    const { text, type } = writeRuns(format, runs, {
      now: new Date().toISOString(),
      title: runs.length === 1 ? title : `${runs.length} runs`,
      names,
      imageUrl,
    });
    return new Blob([text], { type: `${type};charset=utf-8` });
  }

  /** The stored screenshot; undefined where a run came from another machine without its image. */
  async #image(run: RunRecord): Promise<Blob | undefined> {
    const response = await fetch(this.client.imageUrl(run.image.id)).catch(() => undefined);
    return response?.ok === true ? response.blob() : undefined;
  }

  /** Names that the user gave, as far as the window knows them. */
  #names(): ReadonlyMap<string, string> {
    const { library, runs } = this.state;
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
