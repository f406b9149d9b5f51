import { type Context, Hono } from "hono";
import { type DetectRequestInput, defined, type ParseFields, parseServiceLimits } from "../contract/index.ts";
import { runDetection } from "../host/run-detection.ts";
import type { Host, TakenIn } from "../host/types.ts";
import { bodyLimits, withBody } from "./body.ts";
import type { ServerEnv } from "./gate.ts";
import type { ByteBudget } from "./load.ts";
import { type AnswerParts, detailedParseAnswer, parseAnswer } from "./parse-answer.ts";
import { type ParseInput, parseJsonRequest, refuseQuery, withUpload } from "./parse-request.ts";

/** Translates the original service's fields: a task means locating that one target, as it does there. */
export function detectRequest(imageId: string, fields: ParseFields): DetectRequestInput {
  const task = fields.task?.trim() || undefined;
  const single = task !== undefined || !fields.detect_multiple;
  const maxDetections = single ? 1 : fields.max_detections;
  return {
    imageId,
    ...(task === undefined ? { mode: "detect" } : { mode: "locate", target: task }),
    // Clients of this service want elements, not measurements.
    useCache: true,
    profile: fields.performance_profile,
    overrides: {
      ...parseServiceLimits[fields.performance_profile],
      ...defined({ maxDetections, minConfidence: fields.min_confidence }),
    },
  };
}

interface StoredInput {
  readonly taken: TakenIn;
  readonly fields: ParseFields;
}

/** From here on the image lies on disk: a request that waits for its turn holds none of its bytes. */
async function store(host: Host, { bytes, name, fields }: ParseInput): Promise<StoredInput> {
  return { taken: await host.takeIn(bytes, name), fields };
}

/** An answer, and the number that the first of its elements has in it and in the drawn image. */
interface AnswerShape {
  readonly firstNumber: 0 | 1;
  readonly answer: (parts: AnswerParts) => object;
}

/**
 * POST /parse and POST /parse/upload: with `original` as clients of the original service know them, without it as
 * /api/parse answers those who want more.
 */
export function parseRoutes(host: Host, bodies: ByteBudget, { original }: { original: boolean }): Hono<ServerEnv> {
  const routes = new Hono<ServerEnv>();
  const shape: AnswerShape = original
    ? { firstNumber: 0, answer: parseAnswer }
    : { firstNumber: 1, answer: detailedParseAnswer };

  const answer = async (context: Context<ServerEnv>, { taken, fields }: StoredInput, start: number) => {
    const { image, keep } = taken;
    const run = await runDetection(host, detectRequest(image.id, fields), { keep, gone: context.req.raw.signal });
    const elements = run.detections.map((each, index) => ({ ...each, id: `e${index + shape.firstNumber}` }));
    // The original draws nothing where nothing was found.
    const wanted = fields.include_som && (elements.length > 0 || !original);
    const som = wanted ? (await host.call("images.overlay", { image, elements })).png : undefined;
    const parts = {
      withRawOutput: fields.return_raw_outputs,
      run,
      processingMs: performance.now() - start,
      som,
    };
    return context.json(shape.answer(parts), 200, { "Cache-Control": "no-store" });
  };

  routes.post("/parse", async (context) => {
    refuseQuery(context);
    const { stored, start } = await withBody(context, bodyLimits.imageAsBase64, bodies, async (body) => ({
      start: performance.now(),
      stored: await store(host, parseJsonRequest(body)),
    }));
    return answer(context, stored, start).finally(stored.taken.giveBack);
  });

  routes.post("/parse/upload", async (context) => {
    const { stored, start } = await withUpload(context, bodies, async (input) => ({
      start: performance.now(),
      stored: await store(host, input),
    }));
    return answer(context, stored, start).finally(stored.taken.giveBack);
  });
  return routes;
}
