import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import {
  type AnsweredRun,
  type DetectRequestInput,
  defined,
  detectToolInputSchema,
  getRunToolInputSchema,
  HoloscopeError,
  listRunsToolInputSchema,
  locateToolInputSchema,
  toolAnswerSchema,
  toolRunListSchema,
} from "../contract/index.ts";
import { runDetection } from "../host/run-detection.ts";
import type { Host } from "../host/types.ts";
import { formatBytes } from "../presentation/numbers.ts";
import { answerText, runListText, toolAnswer, toolRunList } from "./answers.ts";
import { RunProgressReport } from "./progress.ts";
import type { Screenshots } from "./screenshots.ts";

/**
 * Most bytes of an annotated image. Clients made with the official SDK end a connection on which a message of more than
 * 10 MB comes, and an image grows by a third in base64.
 */
const maxPngBytes = 6_000_000;

type Content = CallToolResult["content"];

/** What both tools that look at a screenshot take besides it. */
interface Looking {
  readonly profile?: DetectRequestInput["profile"];
  readonly model?: string | undefined;
  readonly min_confidence?: number | undefined;
}

/** What differs between the two. */
type Question = Pick<DetectRequestInput, "mode" | "target"> & { readonly maxDetections?: number | undefined };

function detectRequest(
  imageId: string,
  looking: Looking,
  { maxDetections, ...question }: Question,
): DetectRequestInput {
  return {
    imageId,
    ...question,
    // An agent wants elements, not measurements.
    useCache: true,
    overrides: defined({ maxDetections, minConfidence: looking.min_confidence }),
    ...defined({ profile: looking.profile, modelId: looking.model }),
  };
}

/** The screenshot with the run's elements drawn on it, or why it is not there; nothing where there is nothing to draw. */
async function annotatedImage(host: Host, { image, detections }: AnsweredRun): Promise<Content> {
  if (detections.length === 0) return [];
  // Numbered as in the answer: a run file from elsewhere may have other ids.
  const elements = detections.map((each, index) => ({ ...each, id: `e${index + 1}` }));
  const { png } = await host.call("images.overlay", { image, elements });
  const bytes = Buffer.byteLength(png, "base64");
  if (bytes <= maxPngBytes) return [{ type: "image", data: png, mimeType: "image/png" }];
  const text = `The annotated image is left out: it has ${formatBytes(bytes)}, more than many clients can take.`;
  return [{ type: "text", text }];
}

async function answerOf(host: Host, run: AnsweredRun, annotated: boolean): Promise<CallToolResult> {
  const answer = toolAnswer(run);
  const drawn = annotated ? await annotatedImage(host, run) : [];
  return { structuredContent: answer, content: [{ type: "text", text: answerText(answer) }, ...drawn] };
}

/** A failure as the model reads it: what happened, and what to do about it. */
function failure(host: Host, error: unknown): CallToolResult {
  const { code, message, hint, detail } = HoloscopeError.from(error).toInfo();
  if (code === "INTERNAL") host.log("error", `A tool failed: ${detail ?? message}`);
  return {
    isError: true,
    content: [{ type: "text", text: [`${code}: ${message}`, ...(hint ? [hint] : [])].join("\n") }],
  };
}

/** Lets the tool's work fail in words. */
function tool<I>(host: Host, work: (input: I, context: ServerContext) => Promise<CallToolResult>) {
  return (input: I, context: ServerContext): Promise<CallToolResult> =>
    work(input, context).catch((error: unknown) => failure(host, error));
}

/**
 * Gives a server its tools. Screenshots and runs are kept as the command line keeps its own: what an agent names is its
 * user's.
 */
export function registerTools(server: McpServer, host: Host, screenshots: Screenshots): void {
  const run = async (request: DetectRequestInput, context: ServerContext): Promise<AnsweredRun> => {
    const report = new RunProgressReport(host, context);
    try {
      const onBegun = (runId: string) => report.begun(runId);
      return await runDetection(host, request, { keep: true, gone: context.mcpReq.signal, onBegun });
    } finally {
      report.end();
    }
  };
  const keeps = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false };
  const reads = { readOnlyHint: true, openWorldHint: false };

  server.registerTool(
    "detect_elements",
    {
      title: "Detect elements",
      description:
        "Finds the UI elements of a screenshot (buttons, links, fields, icons and so on) with a local vision model. " +
        "Answers with each element's box and the point to click, in px of the image.",
      inputSchema: detectToolInputSchema,
      outputSchema: toolAnswerSchema,
      annotations: keeps,
    },
    tool(host, async ({ image, annotated, max_detections: maxDetections, ...looking }, context) => {
      const { id } = await screenshots.take(image);
      return answerOf(
        host,
        await run(detectRequest(id, looking, { mode: "detect", maxDetections }), context),
        annotated,
      );
    }),
  );
  server.registerTool(
    "locate_element",
    {
      title: "Locate an element",
      description:
        "Finds the one UI element of a screenshot that is described in words, and the point to click, in px of the " +
        'image. The bundled detector reads no text and finds things by kind and place ("the second slider"); others, ' +
        "such as Holo1.5, understand any description.",
      inputSchema: locateToolInputSchema,
      outputSchema: toolAnswerSchema,
      annotations: keeps,
    },
    tool(host, async ({ image, annotated, target, ...looking }, context) => {
      const { id } = await screenshots.take(image);
      return answerOf(host, await run(detectRequest(id, looking, { mode: "locate", target }), context), annotated);
    }),
  );
  server.registerTool(
    "list_runs",
    {
      title: "List runs",
      description: "Lists detections that are stored on this computer, the newest first.",
      inputSchema: listRunsToolInputSchema,
      outputSchema: toolRunListSchema,
      annotations: reads,
    },
    tool(host, async ({ image_id: imageId, limit }) => {
      const runs = toolRunList(await host.call("runs.list", { limit, ...defined({ imageId }) }));
      return { structuredContent: runs, content: [{ type: "text", text: runListText(runs) }] };
    }),
  );
  server.registerTool(
    "get_run",
    {
      title: "Get a run",
      description: "Answers with a stored detection: its elements, and where its time went.",
      inputSchema: getRunToolInputSchema,
      outputSchema: toolAnswerSchema,
      annotations: reads,
    },
    tool(host, async ({ run_id: runId, annotated }) =>
      answerOf(host, await host.call("runs.get", { runId }), annotated),
    ),
  );
}
