import { Hono } from "hono";
import {
  type AnsweredRun,
  type DialogResponse,
  dialogRequestSchema,
  type NavigateResponse,
  navigateRequestSchema,
  parseServiceLimits,
} from "../contract/index.ts";
import { runDetection } from "../host/run-detection.ts";
import type { Host } from "../host/types.ts";
import { clickPoint, wholePoint } from "../presentation/units.ts";
import { bodyLimits, withBody } from "./body.ts";
import type { ServerEnv } from "./gate.ts";
import type { ByteBudget } from "./load.ts";
import { deviceName, timingOf } from "./parse-answer.ts";
import { imageRequest, refuseQuery } from "./parse-request.ts";

/** The next step as the original's clients read it: a click on the one element that was found, or the end. */
function stepOf(run: AnsweredRun, task: string): Pick<NavigateResponse, "note" | "thought" | "action"> {
  const [found] = run.detections;
  if (found === undefined) {
    const content = `Nothing was found for "${task}".`;
    return { note: content, thought: content, action: { action: "answer", content } };
  }
  const [x, y] = wholePoint(clickPoint(found), run.image);
  const element = found.text ?? found.label;
  return {
    note: `"${element}" was found at (${x}, ${y}).`,
    thought: `${run.model.name} located the target of the task; it does not plan further steps.`,
    action: { action: "click_element", element, x, y },
  };
}

/**
 * The original's two other questions, in its shapes. POST /navigate is a search for the task's target. POST
 * /detect_dialog cannot be answered by models that locate elements: it says so, in the words with which the original
 * says that it could not tell.
 */
export function navigateRoutes(host: Host, bodies: ByteBudget): Hono<ServerEnv> {
  const routes = new Hono<ServerEnv>();

  routes.post("/navigate", async (context) => {
    refuseQuery(context);
    const { taken, task, start } = await withBody(context, bodyLimits.imageAsBase64, bodies, async (body) => {
      const start = performance.now();
      const { request, bytes } = imageRequest(navigateRequestSchema, body);
      return { start, taken: await host.takeIn(bytes), task: request.task };
    });
    const profile = "balanced";
    const run = await runDetection(
      host,
      {
        imageId: taken.image.id,
        mode: "locate",
        target: task,
        useCache: true,
        profile,
        overrides: { ...parseServiceLimits[profile], maxDetections: 1 },
      },
      { keep: taken.keep, gone: context.req.raw.signal },
    ).finally(taken.giveBack);
    return context.json(
      {
        ...stepOf(run, task),
        processing_time_ms: performance.now() - start,
        image_size: { width: run.image.width, height: run.image.height },
        device: deviceName(run.engine?.backend),
        timing: run.cached === undefined ? timingOf(run) : null,
      } satisfies NavigateResponse,
      200,
      { "Cache-Control": "no-store" },
    );
  });

  routes.post("/detect_dialog", async (context) => {
    refuseQuery(context);
    const start = performance.now();
    await withBody(context, bodyLimits.imageAsBase64, bodies, (body) => {
      imageRequest(dialogRequestSchema, body);
    });
    const { backend } = await host.call("engine.state", {});
    return context.json(
      {
        has_dialog: false,
        dialog_type: null,
        dialog_text: "",
        button_options: [],
        dialog_location: "unknown",
        confidence: 0,
        processing_time_ms: performance.now() - start,
        device: deviceName(backend).toUpperCase(),
        timing: null,
        error: "Holoscope locates elements; whether one of them is a dialog it cannot tell.",
      } satisfies DialogResponse,
      200,
      { "Cache-Control": "no-store" },
    );
  });

  return routes;
}
