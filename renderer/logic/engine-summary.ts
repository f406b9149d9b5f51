import type { EngineState } from "../../app/contract/index.ts";
import { backendName } from "../../app/presentation/texts.ts";

/** Whether events from the host reach the window. */
export type Connection = "connecting" | "open" | "lost";

export interface EngineSummary {
  readonly tone: "off" | "good" | "working" | "bad";
  readonly text: string;
  /** Why, and what to do about it. */
  readonly detail: string;
}

/**
 * The engine's state in words.
 * @param loading 0..1 while a run waits for the model, if known.
 */
export function engineSummary(
  connection: Connection,
  engine: EngineState | undefined,
  loading: number | undefined,
): EngineSummary {
  if (connection === "lost") {
    return {
      tone: "bad",
      text: "Not connected",
      detail: "Holoscope's server does not answer. Check that it is running; the window reconnects by itself.",
    };
  }
  if (connection === "connecting" || engine === undefined) {
    return { tone: "off", text: "Connecting", detail: "Waiting for Holoscope's host." };
  }
  const where = engine.backend === undefined ? "" : ` · ${backendName(engine.backend)}`;
  const reason = engine.backendReason ?? "The backend is chosen when the engine starts.";
  const queue = engine.queued > 0 ? `\n${engine.queued} more waiting.` : "";
  switch (engine.state) {
    case "stopped":
      return { tone: "off", text: "Engine off", detail: "It starts with the next detection." };
    case "starting":
      return { tone: "working", text: "Starting", detail: "The engine process is starting." };
    case "loading": {
      const percent = loading === undefined ? "" : ` ${Math.round(loading * 100)} %`;
      return { tone: "working", text: `Loading model${percent}`, detail: `${reason}${queue}` };
    }
    case "idle":
      return { tone: "good", text: `Ready${where}`, detail: modelLine(engine) ?? reason };
    case "busy":
      return { tone: "working", text: `Working${where}`, detail: `${reason}${queue}` };
    case "crashed": {
      const why = engine.lastError;
      const what = why === undefined ? "" : `${why.message} ${why.hint ?? ""}\n`;
      return { tone: "bad", text: "Engine crashed", detail: `${what}It restarts with the next detection.` };
    }
  }
}

function modelLine(engine: EngineState): string | undefined {
  if (engine.model === undefined) return undefined;
  const layers =
    engine.model.layersOnGpu === undefined
      ? ""
      : `\n${engine.model.layersOnGpu} of ${engine.model.layers} layers on the GPU`;
  const encoder = engine.model.encoderDevice === undefined ? "" : `\nEncoder on ${engine.model.encoderDevice}`;
  const reason = engine.backendReason === undefined ? "" : `\n${engine.backendReason}`;
  return `${engine.model.description}${layers}${encoder}${reason}`;
}
