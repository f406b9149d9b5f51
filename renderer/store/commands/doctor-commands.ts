import type { FindingAction, SettingsPatch } from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { type AppStore, patch, update } from "../app-store.ts";
import { type DoctorJob, withRepair } from "../doctor-slice.ts";
import type { UndoCommands } from "./undo-commands.ts";

export interface DoctorNeeds {
  readonly client: WindowClient;
  readonly store: AppStore;
  readonly undoing: UndoCommands;
  readonly updateSettings: (change: SettingsPatch) => Promise<void>;
  readonly report: (error: unknown, about?: string) => void;
}

/** Asking the doctor, and doing what it advises. */
export class DoctorCommands {
  constructor(private readonly needs: DoctorNeeds) {}

  /** Shows the doctor with the host's last report, if the window has none yet. */
  async open(): Promise<void> {
    const { store, client, report } = this.needs;
    patch(store, "screen", { current: "doctor" });
    if (store.getState().doctor.report !== undefined) return;
    try {
      const last = await client.call("doctor.last", {});
      if (last.report !== null) patch(store, "doctor", { report: last.report });
    } catch (error) {
      report(error, "Doctor");
    }
  }

  /** Examines machine, backends and the chosen model, with a probing detection of the open image or a sample. */
  async run(): Promise<void> {
    const { client, store } = this.needs;
    const imageId = store.getState().images.currentId;
    await this.work("run", async (id) => {
      const report = await client.call("doctor.run", { id, ...(imageId === undefined ? {} : { imageId }) });
      patch(store, "doctor", { report });
    });
  }

  /** Measures the remedies on the open image with the present choices. Takes minutes. */
  async try(): Promise<void> {
    const { client, store } = this.needs;
    const { images, host, view } = store.getState();
    const { settings } = host;
    const imageId = images.currentId;
    if (imageId === undefined || settings === undefined) return;
    const target = view.target.trim();
    await this.work("try", async (id) => {
      patch(store, "doctor", { rows: [], trial: undefined });
      const trial = await client.call("doctor.try", {
        id,
        imageId,
        modelId: settings.modelId,
        backend: settings.backend,
        profile: settings.profile,
        overrides: settings.overrides,
        ...(settings.mode === "locate" && target !== "" ? { target } : {}),
      });
      patch(store, "doctor", { trial, rows: trial.rows });
    });
  }

  /** Ends what the doctor is doing; rows that were measured stay. */
  async cancel(): Promise<void> {
    const { client, store, report } = this.needs;
    const { job } = store.getState().doctor;
    if (job === undefined) return;
    try {
      await client.call("doctor.cancel", { id: job.id });
    } catch (error) {
      report(error, "Doctor");
    }
  }

  /** Carries out a finding's action. */
  async act(action: FindingAction): Promise<void> {
    const { store, undoing, updateSettings } = this.needs;
    const { settings } = store.getState().host;
    switch (action.type) {
      case "convert-mmproj":
        return this.repair(action.modelId, "mmproj", action.to);
      case "convert-model":
        return this.repair(action.modelId, "model", action.to);
      case "try":
        return this.try();
      case "change-backend": {
        if (settings === undefined) return;
        const { backend } = settings;
        await updateSettings({ backend: action.backend });
        undoing.did("Changed the backend", () => updateSettings({ backend }));
        return;
      }
      case "change-settings": {
        if (settings === undefined) return;
        const { overrides } = settings;
        await updateSettings({ overrides: { ...overrides, ...action.overrides } });
        undoing.did("Changed the settings", () => updateSettings({ overrides }));
      }
    }
  }

  /** Text for a bug report; undefined if the host did not answer, which the user is told. */
  async bundle(choice: {
    readonly includePaths: boolean;
    readonly includeImageNames: boolean;
  }): Promise<string | undefined> {
    try {
      return (await this.needs.client.call("diagnostics.bundle", choice)).text;
    } catch (error) {
      this.needs.report(error, "Diagnostics");
      return undefined;
    }
  }

  private async repair(id: string, file: "model" | "mmproj", to: "f16" | "f32"): Promise<void> {
    const { client, store, report } = this.needs;
    try {
      const { jobId } = await client.call("models.repair", { id, file, to });
      patch(store, "doctor", { repairId: jobId, repair: undefined });
      // Events that came before the answer told of an id that nobody knew yet.
      const job = (await client.call("models.jobs", {})).find((each) => each.id === jobId);
      if (job !== undefined && store.getState().doctor.repair === undefined) {
        update(store, "doctor", (doctor) => withRepair(doctor, job));
      }
    } catch (error) {
      report(error, "Convert");
    }
  }

  private async work(kind: DoctorJob["kind"], action: (id: string) => Promise<void>): Promise<void> {
    const { store, report } = this.needs;
    if (store.getState().doctor.job !== undefined) return;
    const id = crypto.randomUUID();
    patch(store, "doctor", { job: { id, kind, step: "waiting for the engine", fraction: undefined } });
    try {
      await action(id);
    } catch (error) {
      report(error, "Doctor");
    } finally {
      patch(store, "doctor", { job: undefined });
    }
  }
}
