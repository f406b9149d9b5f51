import type { HoloscopeError } from "../../app/contract/index.ts";
import type { WindowClient } from "../client/client.ts";
import { applyDetection, applyProgress, applyStage, type RunViews } from "../logic/run-view.ts";
import { type AppStore, patch, update } from "./app-store.ts";
import type { Commands } from "./commands/index.ts";
import { withoutChosen } from "./compare-slice.ts";
import { withDoctorProgress } from "./doctor-slice.ts";
import { withChangedRuns } from "./library-slice.ts";
import { withChangedHistory, withFinishedRun, withQueuedRun } from "./runs-slice.ts";

/** Lets the host's events change the store. Returns the function that ends it. */
export function connectStore(client: WindowClient, store: AppStore, commands: Commands): () => void {
  const isOpen = (imageId: string) => store.getState().images.byId[imageId] !== undefined;
  const changingRuns =
    <E>(apply: (runs: RunViews, event: E) => RunViews) =>
    (event: E) =>
      update(store, "runs", (runs) => ({ ...runs, byId: apply(runs.byId, event) }));
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
      update(store, "runs", (runs) => withQueuedRun(runs, runId, request, position, runs.shown[request.imageId]));
    }),
    client.on("run.progress", changingRuns(applyProgress)),
    client.on("run.stage", changingRuns(applyStage)),
    client.on("run.detection", changingRuns(applyDetection)),
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
      update(store, "compare", (compare) => withoutChosen(compare, change.removed));
      if (store.getState().library.status !== "unread") {
        update(store, "library", (library) => withChangedRuns(library, change));
      }
      commands.kept.changed();
    }),
    client.on("truth.changed", (change) => commands.truth.changed(change)),
    client.on("doctor.progress", (event) => update(store, "doctor", (doctor) => withDoctorProgress(doctor, event))),
    client.on("images.opened", (refs) => commands.openImages(refs)),
    client.on("images.removed", ({ ids }) => commands.kept.removed(ids)),
  ];
  return () => {
    for (const end of ends) end();
  };
}
