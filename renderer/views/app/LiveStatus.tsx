import { plural } from "../../../app/presentation/numbers.ts";
import { phaseTexts } from "../../../app/presentation/texts.ts";
import type { RunView } from "../../logic/run-view.ts";
import { shownRun } from "../../store/selectors.ts";
import { useApp } from "../../store/use-app.tsx";

/** Tells a screen reader how the shown run gets on: each phase once, then the result. */
export function LiveStatus() {
  const text = useApp((state) => statusText(shownRun(state)));
  return (
    <div role="status" className="visually-hidden">
      {text}
    </div>
  );
}

function statusText(run: RunView | undefined): string {
  if (run === undefined) return "";
  switch (run.status) {
    case "queued":
    case "running":
      return phaseTexts[run.phase];
    case "done":
      return run.detections.length === 0 ? "No elements found" : `${plural(run.detections.length, "element")} found`;
    case "cancelled":
      return "Detection cancelled";
    case "failed":
      return "Detection failed";
  }
}
