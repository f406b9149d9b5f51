import { type Context, Hono } from "hono";
import { type DetectRequestInput, HoloscopeError, type ParseResponse, parseServiceLimits } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { bodyLimits, readBody, readJson } from "./body.ts";
import type { ServerEnv } from "./gate.ts";
import { elementId, parseAnswer } from "./parse-answer.ts";
import { type ParseFields, type ParseInput, parseJsonRequest, parseUploadRequest } from "./parse-request.ts";
import { taggedBoxes } from "./tagged-boxes.ts";

/** What the fields of the original service mean to ours: one element with a task is a search for that target. */
export function detectRequest(imageId: string, fields: ParseFields): DetectRequestInput {
  const single = !fields.detect_multiple;
  const task = fields.task?.trim() || undefined;
  const maxDetections = single ? 1 : fields.max_detections;
  return {
    imageId,
    ...(single && task !== undefined ? { mode: "locate", target: task } : { mode: "detect" }),
    // Its clients want elements, not measurements.
    useCache: true,
    profile: fields.performance_profile,
    overrides: {
      ...parseServiceLimits[fields.performance_profile],
      ...(maxDetections === undefined ? {} : { maxDetections }),
      ...(fields.min_confidence === undefined ? {} : { minConfidence: fields.min_confidence }),
    },
  };
}

/** Runs one detection; if `gone` fires first, cancels it. Throws the run's error, if it has one. */
async function runParse(host: Host, input: ParseInput, gone: AbortSignal): Promise<ParseResponse> {
  const start = performance.now();
  const { fields } = input;
  const image = await host.call("images.add", {
    bytes: input.bytes,
    ...(input.name === undefined ? {} : { name: input.name }),
  });
  gone.throwIfAborted();
  const { runId, done } = await host.detect(detectRequest(image.id, fields));
  const cancel = () => {
    // Too late is as good as cancelled: nobody waits for the answer.
    host.call("runs.cancel", { runId }).catch(() => {});
  };
  gone.addEventListener("abort", cancel, { once: true });
  if (gone.aborted) cancel();
  const run = await done.finally(() => gone.removeEventListener("abort", cancel));
  if (run.status !== "done") {
    throw run.error
      ? HoloscopeError.fromInfo(run.error)
      : new HoloscopeError("INTERNAL", `The run ended as "${run.status}" without a reason.`);
  }
  const numbered = () => taggedBoxes(run.detections, (_, index) => String(elementId(index)));
  const som = fields.include_som ? await host.overlay(image.id, numbered()) : undefined;
  const ignoredTask = fields.detect_multiple && fields.task !== undefined && fields.task.trim() !== "";
  return parseAnswer({
    fields,
    run,
    processingMs: performance.now() - start,
    som,
    warnings: ignoredTask ? ['"task" was not used: send "detect_multiple": false to locate one target.'] : [],
  });
}

/** POST /parse and POST /parse/upload, as clients of the original service know them. */
export function parseRoutes(host: Host): Hono<ServerEnv> {
  const routes = new Hono<ServerEnv>();
  const answer = async (context: Context<ServerEnv>, input: ParseInput) =>
    context.json(await runParse(host, input, context.req.raw.signal), 200, { "Cache-Control": "no-store" });

  routes.post("/parse", async (context) =>
    answer(context, parseJsonRequest(await readJson(context, bodyLimits.imageAsBase64))),
  );
  routes.post("/parse/upload", async (context) => {
    const body = await readBody(context, bodyLimits.multipart);
    return answer(context, await parseUploadRequest(body, context.req.header("content-type")));
  });
  return routes;
}
