import { defined, type ErrorInfo, HoloscopeError, type ImageRef, type Settings } from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { applyFinished, applyLost, isActive } from "../../logic/run-view.ts";
import { addImageFile } from "../add-image-file.ts";
import type { AppStore } from "../app-store.ts";
import { detectRequestNow, operatorsRequestNow } from "../detect-request.ts";
import { FileIntake } from "../file-intake.ts";
import { withImage, withImageAt, withoutImage } from "../images-slice.ts";
import { withNotice, withoutNotice } from "../notices-slice.ts";
import { withHistory, withoutRunsOf, withQueuedRun, withRunsOf } from "../runs-slice.ts";
import type { Screen } from "../screen-slice.ts";
import { activeRunOf } from "../selectors.ts";
import { StoreCommands } from "../store-commands.ts";
import { BatchCommands } from "./batch.ts";
import { CompareCommands } from "./compare.ts";
import { DeclutterCommands } from "./declutter.ts";
import { DoctorCommands } from "./doctor.ts";
import { ExportsCommands } from "./exports.ts";
import { ImagesCommands } from "./images.ts";
import { KeptCommands } from "./kept.ts";
import { LibraryCommands } from "./library.ts";
import { ModelsCommands } from "./models.ts";
import { RepeatCommands } from "./repeat.ts";
import { RunFilesCommands } from "./run-files.ts";
import { SelectionCommands } from "./selection.ts";
import { SettingsCommands } from "./settings.ts";
import { TruthCommands } from "./truth.ts";
import { UndoCommands } from "./undo.ts";
import { WindowCommands } from "./window.ts";

/**
 * Everything a user can do. No command rejects: what goes wrong becomes a notice. Each file x.ts of this folder exports
 * `XCommands`, reached here as `commands.x`.
 */
export class Commands extends StoreCommands {
  readonly selection: SelectionCommands;
  readonly declutter: DeclutterCommands;
  readonly undo: UndoCommands;
  readonly window: WindowCommands;
  readonly truth: TruthCommands;
  #noticeCount = 0;
  /** Whatever is dropped, pasted or chosen goes through here. */
  readonly intake: FileIntake;
  readonly images: ImagesCommands;
  readonly runFiles: RunFilesCommands;
  readonly library: LibraryCommands;
  readonly kept: KeptCommands;
  readonly exports: ExportsCommands;
  readonly compare: CompareCommands;
  readonly repeat: RepeatCommands;
  readonly batch: BatchCommands;
  readonly models: ModelsCommands;
  readonly doctor: DoctorCommands;
  readonly settings: SettingsCommands;

  readonly #client: WindowClient;

  constructor(client: WindowClient, store: AppStore) {
    super(store);
    this.#client = client;
    const report = (error: unknown, about?: string) => this.report(error, about);
    this.selection = new SelectionCommands(store);
    this.declutter = new DeclutterCommands(store);
    this.window = new WindowCommands(store);
    this.undo = new UndoCommands(store, report);
    const reach = { client, store, report, selection: this.selection, undo: this.undo, window: this.window };
    this.settings = new SettingsCommands(reach);
    this.images = new ImagesCommands(reach);
    this.runFiles = new RunFilesCommands(reach);
    this.library = new LibraryCommands(reach, this.runFiles);
    this.kept = new KeptCommands(reach);
    this.batch = new BatchCommands(reach, this.runFiles);
    this.exports = new ExportsCommands(reach);
    this.compare = new CompareCommands(reach);
    this.repeat = new RepeatCommands(reach);
    this.models = new ModelsCommands(reach, this.settings);
    this.doctor = new DoctorCommands(reach, this.settings);
    this.truth = new TruthCommands(reach);
    this.intake = new FileIntake({
      openFiles: (files) => this.openFiles(files),
      openMany: (files, folder) => this.batch.start(files, folder),
      report,
    });
    this.intake.addTextHandler(this.runFiles);
    this.intake.addTextHandler(this.truth);
  }

  /** Stores files one after the other, opens each and starts its detection. */
  async openFiles(files: readonly File[]): Promise<void> {
    this.#addToAdding(files.length);
    let first = true;
    for (const file of files) {
      try {
        this.openImages([await addImageFile(this.#client, file)], first);
        first = false;
      } catch (error) {
        this.report(error, file.name || "Pasted image");
      } finally {
        this.#addToAdding(-1);
      }
    }
  }

  /** Opens stored images and detects in each; the first becomes the current one if `select`. */
  openImages(refs: readonly ImageRef[], select = true): void {
    for (const ref of refs) this.change("images", (images) => withImage(images, ref));
    const [first] = refs;
    if (select && first !== undefined) this.selectImage(first.id);
    for (const ref of refs) {
      void this.#loadHistory(ref.id);
      void this.detect(ref.id);
    }
  }

  selectImage(id: string): void {
    this.patch("images", { currentId: id });
    this.showScreen("image");
    this.selection.clear();
  }

  showScreen(current: Screen): void {
    this.patch("screen", { current });
  }

  closeImage(id: string): void {
    const { images, runs: before } = this.state;
    const image = images.byId[id];
    if (image === undefined) return;
    const place = images.order.indexOf(id);
    const active = activeRunOf(this.state, id);
    if (active !== undefined) void this.cancel(active.id);
    const reopen = () => {
      this.change("images", (now) => withImageAt(now, image, place));
      this.change("runs", (now) => withRunsOf(now, before, id));
      this.selectImage(id);
    };
    this.undo.did(`Closed ${image.name ?? "pasted image"}`, reopen, [id]);
    this.change("images", (images) => withoutImage(images, id));
    this.change("runs", (runs) => withoutRunsOf(runs, id));
    this.selection.clear();
  }

  /**
   * Queues a detection with the present choices and shows it. An image may come before the host has told its settings:
   * then it waits for them. Does nothing where the choices allow no detection, such as "locate" without a target.
   * With `operators` the shown run is repeated with operator times; see `operatorsRequestNow`.
   */
  async detect(imageId: string, { operators = false }: { readonly operators?: boolean } = {}): Promise<void> {
    if (this.state.runs.starting.includes(imageId)) return;
    this.change("runs", (runs) => ({ ...runs, starting: [...runs.starting, imageId] }));
    try {
      await this.#knownSettings();
      const state = this.state;
      const request = (operators ? operatorsRequestNow : detectRequestNow)(state, imageId);
      if (request === undefined || state.images.byId[imageId] === undefined) return;
      const { runId } = await this.#client.call("runs.start", request);
      this.change("runs", (runs) => withQueuedRun(runs, runId, request));
      if (this.state.images.currentId === imageId) this.selection.clear();
    } catch (error) {
      this.report(error, this.state.images.byId[imageId]?.name);
    } finally {
      this.change("runs", (runs) => ({ ...runs, starting: runs.starting.filter((id) => id !== imageId) }));
    }
  }

  async cancel(runId: string): Promise<void> {
    await this.#attempt("Cancel", () => this.#client.call("runs.cancel", { runId }));
  }

  /** Shows a run of the current image, fetching its record if the window does not have it. */
  async showRun(imageId: string, runId: string): Promise<void> {
    await this.#attempt("Open run", async () => {
      if (this.state.runs.byId[runId] === undefined) {
        const record = await this.#client.call("runs.get", { runId });
        this.change("runs", (runs) => ({ ...runs, byId: applyFinished(runs.byId, record) }));
      }
      this.change("runs", (runs) => ({ ...runs, shown: { ...runs.shown, [imageId]: runId } }));
      this.selection.clear();
    });
  }

  /** Fetches what the window knows of the host: at the start and after a lost connection. */
  async refreshHost(): Promise<void> {
    await this.#attempt(undefined, async () => {
      const [info, engine, settings, models, samples] = await Promise.all([
        this.#client.call("app.info", {}),
        this.#client.call("engine.state", {}),
        this.#client.call("settings.get", {}),
        this.#client.call("models.list", {}),
        this.#client.call("images.samples", {}),
      ]);
      this.patch("host", { info, engine, settings, models });
      for (const problem of info.problems) this.reportInfo(problem);
      this.patch("images", { samples });
      await this.#settleRuns(engine.state === "busy" || engine.state === "loading" || engine.queued > 0);
    });
    // Probing backends can take seconds; nothing waits for it.
    await this.#attempt("Backends", async () => {
      this.patch("host", { backends: await this.#client.call("backends.list", {}) });
    });
  }

  hover(id: string | undefined): void {
    if (this.state.view.hoveredId !== id) this.patch("view", { hoveredId: id });
  }

  toggleBoxes(): void {
    this.change("prefs", (prefs) => ({ ...prefs, boxesVisible: !prefs.boxesVisible }));
  }

  setTarget(target: string): void {
    this.patch("view", { target });
  }

  dismissNotice(id: string): void {
    this.change("notices", (notices) => withoutNotice(notices, id));
  }

  /** Text of "copy diagnostics", or what there is to say when the host does not answer. */
  async diagnostics(): Promise<string> {
    try {
      return (await this.#client.call("app.diagnostics", {})).text;
    } catch (error) {
      return `Diagnostics could not be read: ${HoloscopeError.from(error).message}`;
    }
  }

  /** Shows an error until it is dismissed. A cancelled action is no error. */
  report(error: unknown, about?: string): void {
    this.reportInfo(HoloscopeError.from(error).toInfo(), about);
  }

  /** As `report`, for an error that came as data. */
  reportInfo(error: ErrorInfo, about?: string, id?: string): void {
    if (error.code === "CANCELLED") return;
    this.#noticeCount += 1;
    const notice = { id: id ?? `notice-${this.#noticeCount}`, ...defined({ about }), error };
    this.change("notices", (notices) => withNotice(notices, notice));
  }

  /** The settings, as soon as the host has told them. */
  #knownSettings(): Promise<Settings> {
    const { settings } = this.state.host;
    if (settings !== undefined) return Promise.resolve(settings);
    return new Promise((resolve) => {
      const end = this.store.subscribe(({ host }) => {
        if (host.settings === undefined) return;
        end();
        resolve(host.settings);
      });
    });
  }

  /** After a lost connection: takes in runs that ended meanwhile, ends those that the host no longer knows. */
  async #settleRuns(engineWorks: boolean): Promise<void> {
    const active = Object.values(this.state.runs.byId).filter(isActive);
    for (const run of active) {
      try {
        const record = await this.#client.call("runs.get", { runId: run.id });
        this.change("runs", (runs) => ({ ...runs, byId: applyFinished(runs.byId, record) }));
        await this.#loadHistory(run.imageId);
      } catch (error) {
        if (engineWorks || HoloscopeError.from(error).code !== "RUN_NOT_FOUND") continue;
        this.change("runs", (runs) => ({ ...runs, byId: applyLost(runs.byId, run.id, lostRun) }));
      }
    }
  }

  async #loadHistory(imageId: string): Promise<void> {
    await this.#attempt("Runs", async () => {
      const summaries = await this.#client.call("runs.list", { imageId });
      this.change("runs", (runs) => withHistory(runs, imageId, summaries));
    });
  }

  async #attempt(about: string | undefined, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.report(error, about);
    }
  }

  #addToAdding(count: number): void {
    this.change("images", (images) => ({ ...images, adding: images.adding + count }));
  }
}

const lostRun: ErrorInfo = {
  code: "ENGINE_CRASHED",
  message: "The connection was lost and this run is no longer known.",
  hint: "Detect again.",
};
