import type { HoloscopeError } from "../../app/contract/index.ts";
import type { WindowClient } from "../client/client.ts";
import { addQueuedRun, applyDetection, applyProgress, applyStage } from "../model/run-view.ts";
import { type AppStore, patch, update } from "./app-store.ts";
import type { Commands } from "./commands.ts";
import { withDoctorProgress, withRepair } from "./doctor-slice.ts";
import { withChangedRuns } from "./library-slice.ts";
import { withChangedHistory, withFinishedRun } from "./runs-slice.ts";

/** Lets the host's events change the store. Returns the function that ends it. */
export function connectStore(client: WindowClient, store: AppStore, commands: Commands): () => void {
  const isOpen = (imageId: string) => store.getState().images.byId[imageId] !== undefined;
  const ends = [
    client.onConnection((connection) => {
      const before = store.getState().host.connection;
      patch(store, "host", { connection });
      if (connection === "open" && before !== "open") void commands.refreshHost();
    }),
    client.onProblem((error: HoloscopeError) => commands.report(error)),
    client.on("engine.state", (engine) => patch(store, "host", { engine })),
    client.on("settings.changed", (settings) => patch(store, "host", { settings })),
    client.on("models.changed", (models) => {
      patch(store, "host", { models });
      commands.models.listChanged();
    }),
    client.on("models.job", (job) => commands.models.jobChanged(job)),
    client.on("run.queued", ({ runId, request, position }) => {
      if (!isOpen(request.imageId)) return;
      update(store, "runs", (runs) => ({
        ...runs,
        byId: addQueuedRun(runs.byId, runId, request, position),
        shown: { ...runs.shown, [request.imageId]: runs.shown[request.imageId] ?? runId },
      }));
    }),
    client.on("run.progress", (event) =>
      update(store, "runs", (runs) => ({ ...runs, byId: applyProgress(runs.byId, event) })),
    ),
    client.on("run.stage", (event) =>
      update(store, "runs", (runs) => ({ ...runs, byId: applyStage(runs.byId, event) })),
    ),
    client.on("run.detection", (event) =>
      update(store, "runs", (runs) => ({ ...runs, byId: applyDetection(runs.byId, event) })),
    ),
    client.on("run.finished", ({ run }) => {
      if (!isOpen(run.image.id)) return;
      update(store, "runs", (runs) => withFinishedRun(runs, run));
      if (run.status === "failed" && run.error !== undefined) {
        const name = store.getState().images.byId[run.image.id]?.name;
        commands.reportInfo(run.error, name, run.id);
      }
    }),
    client.on("runs.changed", (change) => {
      update(store, "runs", (runs) => withChangedHistory(runs, change));
      if (store.getState().library.status !== "unread") {
        update(store, "library", (library) => withChangedRuns(library, change));
      }
    }),
    client.on("truth.changed", (change) => commands.truth.changed(change)),
    client.on("doctor.progress", (event) => update(store, "doctor", (doctor) => withDoctorProgress(doctor, event))),
    client.on("models.job", (job) => update(store, "doctor", (doctor) => withRepair(doctor, job))),
    client.on("images.opened", (refs) => commands.openImages(refs)),
  ];
  return () => {
    for (const end of ends) end();
  };
}
