import { defined, type FindingAction, type MethodParams } from "../../../app/contract/index.ts";
import type { DoctorJob } from "../doctor-slice.ts";
import { HostCommands, type Reach } from "../host-commands.ts";
import { repairJob } from "../selectors.ts";
import type { SettingsCommands } from "./settings.ts";

/** Asking the doctor, and doing what it advises. */
export class DoctorCommands extends HostCommands {
  readonly #settings: SettingsCommands;

  constructor(reach: Reach, settings: SettingsCommands) {
    super(reach);
    this.#settings = settings;
  }

  /** Shows the doctor with the host's last report, if the window has none yet. */
  async open(): Promise<void> {
    this.patch("screen", { current: "doctor" });
    if (this.state.doctor.report !== undefined) return;
    await this.attempt("Doctor", async () => {
      const last = await this.client.call("doctor.last", {});
      if (last.report !== null) this.patch("doctor", { report: last.report });
    });
  }

  /** Examines machine, backends and the chosen model, with a probing detection of the open image or a sample. */
  async run(): Promise<void> {
    const imageId = this.state.images.currentId;
    await this.#work("run", async (id) => {
      const report = await this.client.call("doctor.run", { id, ...defined({ imageId }) });
      this.patch("doctor", { report });
    });
  }

  /** Measures the remedies on the open image with the present choices. Takes minutes. */
  async try(): Promise<void> {
    const { images, host, view } = this.state;
    const { settings } = host;
    const imageId = images.currentId;
    if (imageId === undefined || settings === undefined) return;
    const target = view.target.trim();
    await this.#work("try", async (id) => {
      this.patch("doctor", { rows: [], trial: undefined });
      const trial = await this.client.call("doctor.try", {
        id,
        imageId,
        modelId: settings.modelId,
        backend: settings.backend,
        profile: settings.profile,
        overrides: settings.overrides,
        ...defined({ target: settings.mode === "locate" && target !== "" ? target : undefined }),
      });
      this.patch("doctor", { trial, rows: trial.rows });
    });
  }

  /** Ends what the doctor is doing; rows that were measured stay. */
  async cancel(): Promise<void> {
    const { job } = this.state.doctor;
    if (job === undefined) return;
    await this.attempt("Doctor", () => this.client.call("doctor.cancel", { id: job.id }));
  }

  /** Carries out a finding's action. */
  async act(action: FindingAction): Promise<void> {
    const { settings } = this.state.host;
    switch (action.type) {
      case "convert-mmproj":
        return this.#repair(action.modelId, "mmproj", action.to);
      case "convert-model":
        return this.#repair(action.modelId, "model", action.to);
      case "try":
        return this.try();
      case "change-backend": {
        if (settings === undefined) return;
        const { backend } = settings;
        await this.#settings.update({ backend: action.backend });
        this.undo.did("Changed the backend", () => this.#settings.update({ backend }));
        return;
      }
      case "change-settings": {
        if (settings === undefined) return;
        const { overrides } = settings;
        await this.#settings.update({ overrides: { ...overrides, ...action.overrides } });
        this.undo.did("Changed the settings", () => this.#settings.update({ overrides }));
      }
    }
  }

  /** Text for a bug report; undefined if the host did not answer, which the user is told. */
  async bundle(choice: MethodParams<"diagnostics.bundle">): Promise<string | undefined> {
    return (await this.attempt("Diagnostics", () => this.client.call("diagnostics.bundle", choice)))?.text;
  }

  async #repair(id: string, file: "model" | "mmproj", to: "f16" | "f32"): Promise<void> {
    await this.attempt("Convert", async () => {
      const { jobId } = await this.client.call("models.repair", { id, file, to });
      this.patch("doctor", { repairId: jobId });
      // Its events may only come later, or have been missed.
      const jobs = await this.client.call("models.jobs", {});
      if (repairJob(this.state) === undefined) this.patch("models", { jobs });
    });
  }

  async #work(kind: DoctorJob["kind"], action: (id: string) => Promise<void>): Promise<void> {
    if (this.state.doctor.job !== undefined) return;
    const id = crypto.randomUUID();
    this.patch("doctor", { job: { id, kind, step: "waiting for the engine", fraction: undefined } });
    await this.attempt("Doctor", () => action(id));
    this.patch("doctor", { job: undefined });
  }
}
