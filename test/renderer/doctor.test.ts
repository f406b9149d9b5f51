import { describe, expect, it } from "vitest";
import { HoloscopeError, type MethodParams, type ModelJob, settingsSchema } from "../../app/contract/index.ts";
import { ratioText, sourceText } from "../../app/presentation/texts.ts";
import {
  actionText,
  agreementText,
  evidenceByTopic,
  losesBoxes,
  repairText,
  sortedFindings,
  verdictText,
} from "../../renderer/logic/doctor/doctor-texts.ts";
import { createAppStore, patch } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { connectStore } from "../../renderer/store/connect.ts";
import { withImage } from "../../renderer/store/images-slice.ts";
import { repairJob } from "../../renderer/store/selectors.ts";
import { doctorReportFixture, doctorTryFixture } from "../support/doctor-fixtures.ts";
import { eventually } from "../support/patience.ts";
import { FakeClient } from "./fake-client.ts";
import { imageRef, modelEntry, settings } from "./records.ts";

const report = doctorReportFixture();
const trial = doctorTryFixture();
const image = imageRef("a");
const job: ModelJob = {
  id: "job-1",
  kind: "convert",
  title: "mmproj-bf16.gguf",
  state: "running",
  bytesDone: 5e8,
  bytesTotal: 1.35e9,
  notes: [],
};

describe("the doctor's texts", () => {
  it("puts the worst findings first and counts them", () => {
    const findings = [...report.findings].reverse();
    expect(sortedFindings(findings).map(({ severity }) => severity)).toEqual(["problem", "fine"]);
    expect(verdictText(findings)).toBe("1 problem, 1 fine");
    expect(verdictText([])).toBe("Nothing was found");
  });

  it("groups evidence by topic and names each source", () => {
    expect(evidenceByTopic(report.evidence).map(({ topic }) => topic)).toEqual(["machine", "placement"]);
    expect(sourceText({ kind: "gguf", detail: "header of a.gguf" })).toBe("GGUF header: header of a.gguf");
    expect(sourceText({ kind: "system", detail: "the operating system" })).toBe("operating system");
    expect(actionText({ type: "convert-mmproj", modelId: "m", to: "f16" })).toBe("Convert the mmproj to f16");
  });

  it("tells the price of a remedy beside its speed", () => {
    const [baseline, fewer, skipped] = trial.rows;
    if (baseline === undefined || fewer === undefined || skipped === undefined) throw new Error("rows are missing");
    expect(ratioText(fewer)).toMatch(/^0\.45× \(0\.44–0\.46\)$/);
    expect(ratioText({ ...fewer, significant: false })).toContain("within noise");
    expect(agreementText(fewer)).toBe("0.92 (36 of 40 kept, 38 found)");
    expect([losesBoxes(baseline), losesBoxes(fewer), losesBoxes(skipped)]).toEqual([false, true, false]);
    expect([ratioText(skipped), agreementText(skipped)]).toEqual(["–", "–"]);
  });

  it("says how a conversion gets on and what to do when it failed", () => {
    expect(repairText(job)).toBe("mmproj-bf16.gguf: converting, 500 MB of 1.4 GB");
    const error = { code: "DISK_FULL", message: "The disk is full.", hint: "Free 2 GB." } as const;
    expect(repairText({ ...job, state: "failed", error })).toBe("mmproj-bf16.gguf: The disk is full. Free 2 GB.");
  });
});

/** A window on a host with one report; measurements end by `finish`. */
function openWindow() {
  let finish: (error?: HoloscopeError) => void = () => undefined;
  const client: FakeClient = new FakeClient({
    "doctor.last": () => ({ report }),
    "doctor.run": () => report,
    "doctor.try": () =>
      new Promise((resolve, reject) => {
        finish = (error) => (error === undefined ? resolve(trial) : reject(error));
      }),
    "doctor.cancel": () => {
      finish(new HoloscopeError("CANCELLED", "It was cancelled."));
      return { cancelled: true };
    },
    "models.repair": () => ({ jobId: job.id }),
    "models.jobs": () => [job],
    "settings.update": (change: MethodParams<"settings.update">) => settingsSchema.parse({ ...settings, ...change }),
    "diagnostics.bundle": () => ({ text: "versions", fileName: "diagnostics.txt" }),
  });
  const store = createAppStore();
  const commands = new Commands(client, store);
  const end = connectStore(client, store, commands);
  patch(store, "host", { settings, models: [modelEntry("nano", { detect: "trained", locate: "unsupported" })] });
  patch(store, "images", { ...withImage(store.getState().images, image), currentId: image.id });
  return { client, store, commands, end, finish: () => finish() };
}

describe("the doctor's commands", () => {
  it("opens with the host's last report and examines anew", async () => {
    const { commands, store, client } = openWindow();
    await commands.doctor.open();
    expect(store.getState().screen.current).toBe("doctor");
    expect(store.getState().doctor.report).toEqual(report);
    await commands.doctor.run();
    expect(client.calls.at(-1)).toMatchObject({ method: "doctor.run", params: { imageId: image.id } });
    expect(store.getState().doctor.job).toBeUndefined();
  });

  it("shows rows as they are measured, and only its own", async () => {
    const { commands, store, client, finish } = openWindow();
    const trying = commands.doctor.try();
    const id = store.getState().doctor.job?.id ?? "";
    const [row] = trial.rows;
    if (row === undefined) throw new Error("the fixture has rows");
    client.emit("doctor.progress", { id: "another", step: "elsewhere", row });
    expect(store.getState().doctor.rows).toEqual([]);
    client.emit("doctor.progress", { id, step: "baseline, run 1 of 5", fraction: 0.1, row: { ...row, runs: 1 } });
    client.emit("doctor.progress", { id, step: "baseline, run 2 of 5", fraction: 0.2, row: { ...row, runs: 2 } });
    expect(store.getState().doctor.rows.map(({ runs }) => runs)).toEqual([2]);
    expect(store.getState().doctor.job).toMatchObject({ step: "baseline, run 2 of 5", fraction: 0.2 });
    finish();
    await trying;
    expect(store.getState().doctor).toMatchObject({ trial, rows: trial.rows, job: undefined });
  });

  it("is cancelled without an error, and keeps what was measured", async () => {
    const { commands, store, client } = openWindow();
    const trying = commands.doctor.try();
    const id = store.getState().doctor.job?.id ?? "";
    const [row] = trial.rows;
    client.emit("doctor.progress", { id, step: "baseline", ...(row === undefined ? {} : { row }) });
    await commands.doctor.cancel();
    await trying;
    expect(store.getState().doctor.rows).toHaveLength(1);
    expect(store.getState().doctor.job).toBeUndefined();
    expect(store.getState().notices.list).toEqual([]);
  });

  it("converts by a finding's button and follows the job", async () => {
    const { commands, store, client } = openWindow();
    await commands.doctor.act({ type: "convert-mmproj", modelId: "holo", to: "f16" });
    expect(client.calls).toContainEqual({
      method: "models.repair",
      params: { id: "holo", file: "mmproj", to: "f16" },
    });
    expect(repairJob(store.getState())).toEqual(job);
    client.emit("models.job", { ...job, id: "another", state: "done" });
    expect(repairJob(store.getState())?.state).toBe("running");
    client.emit("models.job", { ...job, state: "done" });
    expect(repairJob(store.getState())?.state).toBe("done");
  });

  it("lays a finding's settings over the user's and takes them back", async () => {
    const { commands, store } = openWindow();
    await commands.doctor.act({ type: "change-settings", overrides: { gpuLayers: -1 } });
    expect(store.getState().host.settings?.overrides).toEqual({ ...settings.overrides, gpuLayers: -1 });
    await commands.undo.undo();
    await eventually(() => expect(store.getState().host.settings?.overrides).toEqual(settings.overrides));
  });

  it("gives diagnostics with what was ticked", async () => {
    const { commands, client } = openWindow();
    expect(await commands.doctor.bundle({ includePaths: true, includeImageNames: false })).toBe("versions");
    expect(client.calls.at(-1)?.params).toEqual({ includePaths: true, includeImageNames: false });
  });
});
