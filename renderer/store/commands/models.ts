import {
  HoloscopeError,
  jobHasEnded,
  type ModelEntry,
  type ModelJob,
  type PullRequest,
} from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { formatBytes } from "../../model/format.ts";
import { withJob } from "../../model/models/jobs.ts";
import { type AppStore, patch, update } from "../app-store.ts";
import type { HubState } from "../models-slice.ts";
import type { UndoCommands } from "./undo-commands.ts";

export interface ModelsNeeds {
  readonly client: WindowClient;
  readonly store: AppStore;
  readonly undoing: UndoCommands;
  /** Makes a model the one that detections use. */
  readonly choose: (modelId: string) => Promise<void>;
  readonly report: (error: unknown, about?: string) => void;
}

/** What can be done with model files. */
export class ModelsCommands {
  /** Of the last question to the hub: answers to earlier ones are dropped. */
  private question = 0;

  constructor(private readonly needs: ModelsNeeds) {}

  /** Shows the models; what lies on the disk is looked at each time. */
  async open(): Promise<void> {
    patch(this.needs.store, "screen", { current: "models" });
    await this.attempt("Models", async () => {
      const { client, store } = this.needs;
      const [suggestions, jobs] = await Promise.all([
        client.call("models.suggestions", {}),
        client.call("models.jobs", {}),
      ]);
      patch(store, "models", { suggestions, jobs });
      patch(store, "host", { models: await client.call("models.list", {}) });
    });
    await this.refresh();
  }

  /** Looks again at the disk, and reads headers that are not known yet. */
  async refresh(): Promise<void> {
    const { client, store } = this.needs;
    await this.attempt("Models", async () => {
      patch(store, "models", { storage: await client.call("models.storage", {}) });
    });
    for (const { id } of store.getState().host.models) await this.inspect(id);
  }

  /** Takes in the newest state of a job. What ended has changed the disk. */
  jobChanged(job: ModelJob): void {
    const { store } = this.needs;
    update(store, "models", (models) => ({ ...models, jobs: withJob(models.jobs, job) }));
    if (jobHasEnded(job) && store.getState().screen.current === "models") void this.refresh();
  }

  /** The list of models is another one. */
  listChanged(): void {
    if (this.needs.store.getState().screen.current === "models") void this.refresh();
  }

  write(reference: string): void {
    this.patchHub({ reference });
  }

  /** Asks the hub for the files of a repository; by default of the one in the field. */
  async lookUp(reference = this.needs.store.getState().models.hub.reference): Promise<void> {
    if (reference.trim() === "") return;
    const question = ++this.question;
    this.patchHub({ reference, looking: true, error: undefined, listing: undefined });
    try {
      const listing = await this.needs.client.call("models.remote.list", { reference: reference.trim() });
      if (question !== this.question) return;
      this.patchHub({
        looking: false,
        listing,
        model: listing.suggestedModel,
        mmproj: listing.suggestedMmproj,
      });
    } catch (error) {
      if (question === this.question) {
        this.patchHub({ looking: false, error: HoloscopeError.from(error).toInfo() });
      }
    }
  }

  /** Chooses the model or the mmproj of the listing. */
  pick(choice: Partial<Pick<HubState, "model" | "mmproj">>): void {
    this.patchHub(choice);
  }

  /** Downloads what is chosen. */
  async download(): Promise<void> {
    const { listing, model, mmproj } = this.needs.store.getState().models.hub;
    if (listing === undefined || model === undefined || mmproj === undefined) return;
    await this.pull({ reference: `hf:${listing.repository}`, model, mmproj });
  }

  /** Begins a download, or goes on with an interrupted one. */
  async pull(request: PullRequest): Promise<void> {
    try {
      await this.needs.client.call("models.pull", request);
    } catch (error) {
      this.patchHub({ error: HoloscopeError.from(error).toInfo() });
    }
  }

  async cancel(jobId: string): Promise<void> {
    await this.attempt("Cancel", () => this.needs.client.call("models.jobs.cancel", { jobId }));
  }

  /** Removes what an interrupted download has fetched. */
  async discard(id: string): Promise<void> {
    await this.attempt("Discard", () => this.needs.client.call("models.discard", { id }));
    await this.refresh();
  }

  /** Puts an ended job away. */
  hide(jobId: string): void {
    update(this.needs.store, "models", (models) => ({ ...models, hiddenJobs: [...models.hiddenJobs, jobId] }));
  }

  /** Copies a pair into the models folder. Answers whether the job has begun. */
  async import(modelPath: string, mmprojPath: string): Promise<boolean> {
    return this.attempt("Import", () =>
      this.needs.client.call("models.import", {
        modelPath: modelPath.trim(),
        ...(mmprojPath.trim() === "" ? {} : { mmprojPath: mmprojPath.trim() }),
      }),
    );
  }

  /** Where a chosen file lies; empty if this door cannot know. */
  pathOf(file: File): string {
    return this.needs.client.pathOf(file);
  }

  /** Writes an f16 copy of a bf16 file; the pair with it becomes a model of its own. */
  async repair(id: string, file: "model" | "mmproj"): Promise<void> {
    await this.attempt("Convert", () => this.needs.client.call("models.repair", { id, file, to: "f16" }));
  }

  /** Makes a model the chosen one and loads it now. */
  async load(id: string): Promise<void> {
    const { store, client, choose } = this.needs;
    patch(store, "models", { loadingId: id });
    await choose(id);
    await this.attempt("Load", () => client.call("models.load", { id }));
    patch(store, "models", { loadingId: undefined });
  }

  async unload(): Promise<void> {
    await this.attempt("Unload", () => this.needs.client.call("models.unload", {}));
  }

  /** Forgets a model, with its files where they lie in the models folder; for a while that can be undone. */
  async remove({ id, name }: ModelEntry): Promise<void> {
    const { client, store, undoing } = this.needs;
    const managed = store.getState().models.storage?.models.find((model) => model.id === id)?.managed === true;
    await this.attempt("Remove", async () => {
      const { removed, freedBytes } = await client.call("models.remove", { id, deleteFiles: managed });
      if (!removed) return;
      const files = freedBytes > 0 ? `and its files (${formatBytes(freedBytes)})` : "from the list; its files stay";
      undoing.did(`Removed ${name} ${files}`, async () => {
        await client.call("models.restore", { id });
      });
    });
  }

  private async inspect(id: string): Promise<void> {
    const { client, store } = this.needs;
    const { inspections, storage } = store.getState().models;
    if (inspections[id] !== undefined) return;
    if (storage?.models.some((model) => model.id === id && model.missing) === true) return;
    try {
      const { inspection } = await client.call("models.info", { id });
      update(store, "models", (models) => ({ ...models, inspections: { ...models.inspections, [id]: inspection } }));
    } catch (error) {
      const info = HoloscopeError.from(error).toInfo();
      update(store, "models", (models) => ({ ...models, unreadable: { ...models.unreadable, [id]: info } }));
    }
  }

  private patchHub(change: Partial<HubState>): void {
    update(this.needs.store, "models", (models) => ({ ...models, hub: { ...models.hub, ...change } }));
  }

  private async attempt(about: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.needs.report(error, about);
      return false;
    }
  }
}
