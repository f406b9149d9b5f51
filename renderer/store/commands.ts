import {
  type ErrorInfo,
  HoloscopeError,
  type ImageRef,
  type Settings,
  type SettingsPatch,
  settingsSchema,
} from "../../app/contract/index.ts";
import type { WindowClient } from "../client/client.ts";
import { modeChoices } from "../model/modes.ts";
import { addQueuedRun, applyLost, isActive, runFromRecord } from "../model/run-view.ts";
import { saveFile } from "../ui/save-file.ts";
import { addImageFile } from "./add-image-file.ts";
import { type AppStore, patch, update } from "./app-store.ts";
import { BatchCommands } from "./commands/batch.ts";
import { CompareCommands } from "./commands/compare-commands.ts";
import { DeclutterCommands } from "./commands/declutter.ts";
import { DoctorCommands } from "./commands/doctor-commands.ts";
import { Exports } from "./commands/exports.ts";
import { LibraryCommands } from "./commands/library.ts";
import { ModelsCommands } from "./commands/models.ts";
import { RepeatCommands } from "./commands/repeat-commands.ts";
import { RunFiles } from "./commands/run-files.ts";
import { SelectionCommands } from "./commands/selection.ts";
import { TruthCommands } from "./commands/truth.ts";
import { UndoCommands } from "./commands/undo-commands.ts";
import { WindowCommands } from "./commands/window.ts";
import { detectRequestNow } from "./detect-request.ts";
import { FileIntake } from "./file-intake.ts";
import { withImage, withImageAt, withoutImage } from "./images-slice.ts";
import { withNotice, withoutNotice } from "./notices-slice.ts";
import { profileRequestNow } from "./profile-request.ts";
import { withHistory, withoutRunsOf, withRunsOf } from "./runs-slice.ts";
import type { Screen } from "./screen-slice.ts";
import { activeRunOf } from "./selectors.ts";

/** Everything a user can do. No command rejects: what goes wrong becomes a notice. */
export class Commands {
  readonly selection: SelectionCommands;
  readonly declutter: DeclutterCommands;
  readonly undoing: UndoCommands;
  readonly window: WindowCommands;
  readonly truth: TruthCommands;
  private noticeCount = 0;
  /** Whatever is dropped, pasted or chosen goes through here. */
  readonly intake: FileIntake;
  readonly runFiles: RunFiles;
  readonly library: LibraryCommands;
  readonly exports: Exports;
  readonly compare: CompareCommands;
  readonly repeat: RepeatCommands;
  readonly batch: BatchCommands;
  readonly models: ModelsCommands;
  readonly doctor: DoctorCommands;

  constructor(
    private readonly client: WindowClient,
    private readonly store: AppStore,
  ) {
    const report = (error: unknown, about?: string) => this.report(error, about);
    this.undoing = new UndoCommands(store, report);
    this.runFiles = new RunFiles(client, store, report);
    this.library = new LibraryCommands({ client, store, runFiles: this.runFiles, undoing: this.undoing, report });
    this.exports = new Exports({ client, store, undoing: this.undoing, report, save: saveFile });
    this.compare = new CompareCommands(client, store, report);
    this.repeat = new RepeatCommands(client, store, report);
    this.models = new ModelsCommands({
      client,
      store,
      undoing: this.undoing,
      choose: (modelId) => this.updateSettings({ modelId }),
      report,
    });
    this.doctor = new DoctorCommands({
      client,
      store,
      undoing: this.undoing,
      updateSettings: (change) => this.updateSettings(change),
      report,
    });
    this.intake = new FileIntake({
      openFiles: (files) => this.openFiles(files),
      openMany: (files, folder) => this.batch.start(files, folder),
      report,
    });
    this.intake.addJsonHandler(this.runFiles);
    this.selection = new SelectionCommands(store);
    this.window = new WindowCommands(store);
    this.batch = new BatchCommands(client, store, { runFiles: this.runFiles, window: this.window }, report);
    this.declutter = new DeclutterCommands(store);
    this.truth = new TruthCommands(client, store, this, report);
    this.intake.addJsonHandler(this.truth);
  }

  /** Stores files one after the other, opens each and starts its detection. */
  async openFiles(files: readonly File[]): Promise<void> {
    this.addToAdding(files.length);
    let first = true;
    for (const file of files) {
      try {
        this.openImages([await addImageFile(this.client, file)], first);
        first = false;
      } catch (error) {
        this.report(error, file.name || "Pasted image");
      } finally {
        this.addToAdding(-1);
      }
    }
  }

  /** Opens stored images and detects in each; the first becomes the current one if `select`. */
  openImages(refs: readonly ImageRef[], select = true): void {
    for (const ref of refs) update(this.store, "images", (images) => withImage(images, ref));
    const [first] = refs;
    if (select && first !== undefined) this.selectImage(first.id);
    for (const ref of refs) {
      void this.loadHistory(ref.id);
      void this.detect(ref.id);
    }
  }

  selectImage(id: string): void {
    patch(this.store, "images", { currentId: id });
    this.showScreen("image");
    this.clearSelection();
  }

  showScreen(current: Screen): void {
    patch(this.store, "screen", { current });
  }

  closeImage(id: string): void {
    const { images, runs: before } = this.store.getState();
    const image = images.byId[id];
    if (image === undefined) return;
    const place = images.order.indexOf(id);
    const active = activeRunOf(this.store.getState(), id);
    if (active !== undefined) void this.cancel(active.id);
    this.undoing.did(`Closed ${image.name ?? "pasted image"}`, () => {
      update(this.store, "images", (now) => withImageAt(now, image, place));
      update(this.store, "runs", (now) => withRunsOf(now, before, id));
      this.selectImage(id);
    });
    update(this.store, "images", (images) => withoutImage(images, id));
    update(this.store, "runs", (runs) => withoutRunsOf(runs, id));
    this.clearSelection();
  }

  /**
   * Queues a detection with the present choices and shows it. An image may come before the host has told its settings:
   * then it waits for them. Does nothing where the choices allow no detection, such as "locate" without a target.
   * With `profiled` the shown run is repeated and a profiled pass added; see profile-request.ts.
   */
  async detect(imageId: string, { profiled = false }: { readonly profiled?: boolean } = {}): Promise<void> {
    if (this.store.getState().runs.starting.includes(imageId)) return;
    update(this.store, "runs", (runs) => ({ ...runs, starting: [...runs.starting, imageId] }));
    try {
      await this.knownSettings();
      const state = this.store.getState();
      const request = (profiled ? profileRequestNow : detectRequestNow)(state, imageId);
      if (request === undefined || state.images.byId[imageId] === undefined) return;
      const { runId } = await this.client.call("runs.start", request);
      update(this.store, "runs", (runs) => ({
        ...runs,
        byId: addQueuedRun(runs.byId, runId, request),
        shown: { ...runs.shown, [imageId]: runId },
      }));
      if (this.store.getState().images.currentId === imageId) this.clearSelection();
    } catch (error) {
      this.report(error, this.store.getState().images.byId[imageId]?.name);
    } finally {
      update(this.store, "runs", (runs) => ({ ...runs, starting: runs.starting.filter((id) => id !== imageId) }));
    }
  }

  async cancel(runId: string): Promise<void> {
    await this.attempt("Cancel", () => this.client.call("runs.cancel", { runId }));
  }

  /** Shows a run of the current image, fetching its record if the window does not have it. */
  async showRun(imageId: string, runId: string): Promise<void> {
    await this.attempt("Open run", async () => {
      if (this.store.getState().runs.byId[runId] === undefined) {
        const record = await this.client.call("runs.get", { runId });
        update(this.store, "runs", (runs) => ({
          ...runs,
          byId: { ...runs.byId, [runId]: runFromRecord(record) },
        }));
      }
      update(this.store, "runs", (runs) => ({ ...runs, shown: { ...runs.shown, [imageId]: runId } }));
      this.clearSelection();
    });
  }

  /** Applies at once and takes back if the host refuses. A mode the new model lacks is exchanged for one it has. */
  async updateSettings(change: SettingsPatch): Promise<void> {
    const { settings } = this.store.getState().host;
    if (settings === undefined) return;
    const full = this.withSupportedMode(change);
    patch(this.store, "host", { settings: settingsSchema.parse({ ...settings, ...full }) });
    try {
      patch(this.store, "host", { settings: await this.client.call("settings.update", full) });
    } catch (error) {
      this.report(error, "Settings");
      patch(this.store, "host", { settings });
    }
  }

  /** Fetches what the window knows of the host: at the start and after a lost connection. */
  async refreshHost(): Promise<void> {
    await this.attempt(undefined, async () => {
      const [info, engine, settings, models, samples] = await Promise.all([
        this.client.call("app.info", {}),
        this.client.call("engine.state", {}),
        this.client.call("settings.get", {}),
        this.client.call("models.list", {}),
        this.client.call("images.samples", {}),
      ]);
      patch(this.store, "host", { info, engine, settings, models });
      patch(this.store, "images", { samples });
      await this.settleRuns(engine.state === "busy" || engine.state === "loading" || engine.queued > 0);
    });
    // Probing backends can take seconds; nothing waits for it.
    await this.attempt("Backends", async () => {
      patch(this.store, "host", { backends: await this.client.call("backends.list", {}) });
    });
  }

  hover(id: string | undefined): void {
    if (this.store.getState().view.hoveredId !== id) patch(this.store, "view", { hoveredId: id });
  }

  select(id: string | undefined): void {
    this.selection.select(id);
  }

  toggleBoxes(): void {
    update(this.store, "view", (view) => ({ ...view, boxesVisible: !view.boxesVisible }));
  }

  setTarget(target: string): void {
    patch(this.store, "view", { target });
  }

  dismissNotice(id: string): void {
    update(this.store, "notices", (notices) => withoutNotice(notices, id));
  }

  /** Text of "copy diagnostics", or what there is to say when the host does not answer. */
  async diagnostics(): Promise<string> {
    try {
      return (await this.client.call("app.diagnostics", {})).text;
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
    this.noticeCount += 1;
    const notice = {
      id: id ?? `notice-${this.noticeCount}`,
      ...(about === undefined ? {} : { about }),
      error,
    };
    update(this.store, "notices", (notices) => withNotice(notices, notice));
  }

  /** The settings, as soon as the host has told them. */
  private knownSettings(): Promise<Settings> {
    const { settings } = this.store.getState().host;
    if (settings !== undefined) return Promise.resolve(settings);
    return new Promise((resolve) => {
      const end = this.store.subscribe(({ host }) => {
        if (host.settings === undefined) return;
        end();
        resolve(host.settings);
      });
    });
  }

  private withSupportedMode(change: SettingsPatch): SettingsPatch {
    const { models, settings } = this.store.getState().host;
    const model = models.find((each) => each.id === change.modelId);
    if (model === undefined) return change;
    const choices = modeChoices(model);
    const mode = change.mode ?? settings?.mode;
    if (choices.some((choice) => choice.mode === mode && choice.enabled)) return change;
    const possible = choices.find((choice) => choice.enabled);
    return possible === undefined ? change : { ...change, mode: possible.mode };
  }

  /** After a lost connection: takes in runs that ended meanwhile, ends those that the host no longer knows. */
  private async settleRuns(engineWorks: boolean): Promise<void> {
    const active = Object.values(this.store.getState().runs.byId).filter(isActive);
    for (const run of active) {
      try {
        const record = await this.client.call("runs.get", { runId: run.id });
        update(this.store, "runs", (runs) => ({
          ...runs,
          byId: { ...runs.byId, [run.id]: runFromRecord(record, run) },
        }));
        await this.loadHistory(run.imageId);
      } catch (error) {
        if (engineWorks || HoloscopeError.from(error).code !== "RUN_NOT_FOUND") continue;
        update(this.store, "runs", (runs) => ({ ...runs, byId: applyLost(runs.byId, run.id, lostRun) }));
      }
    }
  }

  private async loadHistory(imageId: string): Promise<void> {
    await this.attempt("Runs", async () => {
      const summaries = await this.client.call("runs.list", { imageId });
      update(this.store, "runs", (runs) => withHistory(runs, imageId, summaries));
    });
  }

  private async attempt(about: string | undefined, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.report(error, about);
    }
  }

  private clearSelection(): void {
    this.selection.clear();
  }

  private addToAdding(count: number): void {
    update(this.store, "images", (images) => ({ ...images, adding: images.adding + count }));
  }
}

const lostRun: ErrorInfo = {
  code: "ENGINE_CRASHED",
  message: "The connection was lost and this run is no longer known.",
  hint: "Detect again.",
};
