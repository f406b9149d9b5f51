import {
  defined,
  HoloscopeError,
  jobHasEnded,
  type ModelEntry,
  type ModelJob,
  type PullRequest,
} from "../../../app/contract/index.ts";
import { formatBytes } from "../../../app/presentation/numbers.ts";
import { withJob } from "../../logic/models/jobs.ts";
import { HostCommands, type Reach } from "../host-commands.ts";
import type { HubState } from "../models-slice.ts";
import type { SettingsCommands } from "./settings.ts";

/** What can be done with model files. */
export class ModelsCommands extends HostCommands {
  readonly #settings: SettingsCommands;

  constructor(reach: Reach, settings: SettingsCommands) {
    super(reach);
    this.#settings = settings;
  }

  /** Number of the last question to the hub; answers to earlier ones are dropped. */
  #question = 0;

  /** Shows the models; what lies on the disk is looked at each time. */
  async open(): Promise<void> {
    this.patch("screen", { current: "models" });
    await this.attempt("Models", async () => {
      const [suggestions, jobs, { presets }] = await Promise.all([
        this.client.call("models.suggestions", {}),
        this.client.call("models.jobs", {}),
        this.client.call("models.presets.list", {}),
      ]);
      this.patch("models", { suggestions, jobs, presets });
      this.patch("host", { models: await this.client.call("models.list", {}) });
    });
    await this.refresh();
  }

  /** Looks again at the disk, and reads headers that are not known yet. */
  async refresh(): Promise<void> {
    await this.attempt("Models", async () => {
      this.patch("models", { storage: await this.client.call("models.storage", {}) });
    });
    for (const { id } of this.state.host.models) await this.#inspect(id);
  }

  /** Takes in the newest state of a job. What ended has changed the disk. */
  jobChanged(job: ModelJob): void {
    this.change("models", (models) => ({ ...models, jobs: withJob(models.jobs, job) }));
    if (jobHasEnded(job) && this.state.screen.current === "models") void this.refresh();
  }

  /** Follows a change of the host's list of models. */
  listChanged(): void {
    if (this.state.screen.current === "models") void this.refresh();
  }

  write(reference: string): void {
    this.#patchHub({ reference });
  }

  /** Asks the hub for the files of a repository; by default of the one in the field. */
  async lookUp(reference = this.state.models.hub.reference): Promise<void> {
    if (reference.trim() === "") return;
    const question = ++this.#question;
    this.#patchHub({ reference, looking: true, error: undefined, listing: undefined });
    try {
      const listing = await this.client.call("models.remote.list", { reference: reference.trim() });
      if (question !== this.#question) return;
      const { suggestedModel: model, suggestedMmproj: mmproj } = listing;
      this.#patchHub({ looking: false, listing, model, mmproj });
    } catch (error) {
      if (question === this.#question) {
        this.#patchHub({ looking: false, error: HoloscopeError.from(error).toInfo() });
      }
    }
  }

  /** Chooses the mmproj of the listing, or the model and the mmproj that goes with it. */
  pick(choice: Partial<Pick<HubState, "model" | "mmproj">>): void {
    const { listing } = this.state.models.hub;
    const goesWith = listing?.models.find(({ path }) => path === choice.model)?.mmproj;
    this.#patchHub({ ...defined({ mmproj: goesWith }), ...choice });
  }

  /** Downloads what is chosen. */
  async download(): Promise<void> {
    const { listing, model, mmproj } = this.state.models.hub;
    if (listing === undefined || model === undefined || mmproj === undefined) return;
    await this.pull({ reference: `hf:${listing.repository}`, model, mmproj });
  }

  /** Begins a download, or goes on with an interrupted one. */
  async pull(request: PullRequest): Promise<void> {
    try {
      await this.client.call("models.pull", request);
    } catch (error) {
      this.#patchHub({ error: HoloscopeError.from(error).toInfo() });
    }
  }

  async cancel(jobId: string): Promise<void> {
    await this.attempt("Cancel", () => this.client.call("models.jobs.cancel", { jobId }));
  }

  /** Removes what an interrupted download has fetched, or a file that no model uses. */
  async discard(id: string): Promise<void> {
    await this.attempt("Discard", () => this.client.call("models.discard", { id }));
    await this.refresh();
  }

  /** Puts an ended job away. */
  hide(jobId: string): void {
    this.change("models", (models) => ({ ...models, hiddenJobs: [...models.hiddenJobs, jobId] }));
  }

  /** Copies a pair into the models folder. Answers whether the job has begun. */
  async import(modelPath: string, mmprojPath: string): Promise<boolean> {
    const job = await this.attempt("Import", () =>
      this.client.call("models.import", {
        modelPath: modelPath.trim(),
        ...defined({ mmprojPath: mmprojPath.trim() || undefined }),
      }),
    );
    return job !== undefined;
  }

  /** Where a chosen file lies; empty if this door cannot know. */
  pathOf(file: File): string {
    return this.client.pathOf(file);
  }

  /** Writes an f16 copy of a bf16 file; the pair with it becomes a model of its own. */
  async repair(id: string, file: "model" | "mmproj"): Promise<void> {
    await this.attempt("Convert", () => this.client.call("models.repair", { id, file, to: "f16" }));
  }

  /** Makes a model the chosen one and loads it now. */
  async load(id: string): Promise<void> {
    this.patch("models", { loadingId: id });
    await this.#settings.update({ modelId: id });
    await this.attempt("Load", () => this.client.call("models.load", { id }));
    this.patch("models", { loadingId: undefined });
  }

  async unload(): Promise<void> {
    await this.attempt("Unload", () => this.client.call("models.unload", {}));
  }

  /** Chooses how a model is asked; "auto" goes by its name again. */
  async choosePreset(id: string, preset: string): Promise<void> {
    await this.attempt("Preset", async () => {
      await this.client.call("models.presets.choose", { id, preset: preset === "auto" ? null : preset });
      this.change(
        "models",
        ({ inspections: { [id]: _, ...inspections }, unreadable: { [id]: __, ...unreadable }, ...models }) => ({
          ...models,
          inspections,
          unreadable,
        }),
      );
      await this.#inspect(id);
    });
  }

  /** Forgets a model, with its files where they lie in the models folder; for a while that can be undone. */
  async remove({ id, name }: ModelEntry): Promise<void> {
    const managed = this.state.models.storage?.models.find((model) => model.id === id)?.managed === true;
    await this.attempt("Remove", async () => {
      const { removed, freedBytes } = await this.client.call("models.remove", { id, deleteFiles: managed });
      if (!removed) return;
      const files = freedBytes > 0 ? `and its files (${formatBytes(freedBytes)})` : "from the list; its files stay";
      this.undo.did(`Removed ${name} ${files}`, async () => {
        await this.client.call("models.restore", { id });
      });
    });
  }

  async #inspect(id: string): Promise<void> {
    const { inspections, storage } = this.state.models;
    if (inspections[id] !== undefined) return;
    if (storage?.models.some((model) => model.id === id && model.missing) === true) return;
    try {
      const { inspection } = await this.client.call("models.info", { id });
      this.change("models", (models) => ({ ...models, inspections: { ...models.inspections, [id]: inspection } }));
    } catch (error) {
      const info = HoloscopeError.from(error).toInfo();
      this.change("models", (models) => ({ ...models, unreadable: { ...models.unreadable, [id]: info } }));
    }
  }

  #patchHub(change: Partial<HubState>): void {
    this.change("models", (models) => ({ ...models, hub: { ...models.hub, ...change } }));
  }
}
