import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { parseServiceLimits } from "../../app/contract/index.ts";
import { sampleDetection, sampleRun } from "./sample-run.ts";
import { errorCode, type Served, serveFake } from "./served.ts";

/**
 * Every call that the original service documents or its own client makes, over real HTTP. The service is the package
 * bytebot-holo of zhound420/bytebot-hawkeye-holo, the client is bytebot-cv of the same project, whose answers
 * bytebot-agent and bytebotd use. The schemas below restate the service's pydantic models, apart from the application's
 * own: strict, so that nothing that a client could trip over comes along.
 */
const nullable = <S extends z.ZodType>(schema: S) => schema.nullable();
const imageSize = z.strictObject({ width: z.int(), height: z.int() });
const timing = z.strictObject({
  resize_ms: z.number(),
  inference_ms: z.number(),
  parse_ms: z.number(),
  total_ms: z.number(),
});
const parseResponse = z.strictObject({
  elements: z.array(
    z.strictObject({
      bbox: z.array(z.int()).length(4),
      center: z.array(z.int()).length(2),
      confidence: z.number(),
      type: z.string(),
      caption: nullable(z.string()),
      element_id: z.int(),
    }),
  ),
  count: z.int(),
  processing_time_ms: z.number(),
  image_size: imageSize,
  device: z.string(),
  profile: nullable(z.string()),
  max_detections: nullable(z.int()),
  min_confidence: nullable(z.number()),
  som_image: nullable(z.base64()),
  model: z.string(),
  timing: nullable(timing),
  raw_output: nullable(z.string()),
  output_length: nullable(z.int()),
  parse_status: nullable(z.enum(["success", "error"])),
  parse_error: nullable(z.string()),
});
const navigateResponse = z.strictObject({
  note: z.string(),
  thought: z.string(),
  action: z.discriminatedUnion("action", [
    z.strictObject({ action: z.literal("click_element"), element: z.string(), x: z.int(), y: z.int() }),
    z.strictObject({ action: z.literal("answer"), content: z.string() }),
  ]),
  processing_time_ms: z.number(),
  image_size: imageSize,
  device: z.string(),
  timing: nullable(timing),
});
const dialogResponse = z.strictObject({
  has_dialog: z.boolean(),
  dialog_type: nullable(z.string()),
  dialog_text: z.string(),
  button_options: z.array(z.string()),
  dialog_location: z.string(),
  confidence: z.number(),
  processing_time_ms: z.number(),
  device: z.string(),
  timing: nullable(z.record(z.string(), z.number())),
  error: nullable(z.string()),
});
/** The status answers may have more fields: the client reads by name. */
const healthResponse = z.object({
  status: z.literal("healthy"),
  version: z.string(),
  device: z.string(),
  backend: z.string(),
  models_loaded: z.boolean(),
  model_loaded: z.boolean(),
  gpu_name: nullable(z.string()),
  gpu_memory_total_gb: nullable(z.number()),
  gpu_memory_used_gb: nullable(z.number()),
  gpu_memory_total_mb: nullable(z.int()),
  gpu_memory_used_mb: nullable(z.int()),
  gpu_memory_free_mb: nullable(z.int()),
});
const gpuInfoResponse = z.object({
  device_type: z.string(),
  gpu_name: nullable(z.string()),
  memory_total_mb: nullable(z.int()),
  memory_used_mb: nullable(z.int()),
  memory_free_mb: nullable(z.int()),
  memory_utilization_percent: nullable(z.number()),
});
const modelsStatusResponse = z.object({
  icon_detector: z.object({ loaded: z.boolean(), type: z.string(), path: z.string(), quantization: z.string() }),
  caption_model: z.object({
    loaded: z.boolean(),
    type: z.string(),
    path: z.string(),
    device: z.string(),
    dtype: z.string(),
  }),
  weights_path: z.string(),
});

const image = Buffer.from("not really a PNG").toString("base64");

let served: Served;
beforeEach(async () => {
  served = await serveFake();
});
afterEach(() => served.close());

const get = async (path: string): Promise<unknown> => {
  const response = await fetch(`${served.url}${path}`);
  expect(response.status).toBe(200);
  return response.json();
};
const post = (path: string, body: unknown) =>
  fetch(`${served.url}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
async function parse(body: unknown) {
  const response = await post("/parse", body);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return parseResponse.parse(JSON.parse(text));
}

/** The body that the client's parseScreenshot sends: with every field but an absent limit, and null for no task. */
function clientBody(options: { task?: string; detectMultiple?: boolean; maxDetections?: number } = {}) {
  return {
    image,
    task: options.task ?? null,
    detect_multiple: options.detectMultiple ?? true,
    include_som: true,
    min_confidence: 0.3,
    max_detections: options.maxDetections,
    return_raw_outputs: false,
    performance_profile: "balanced",
  };
}

describe("the client's own calls", () => {
  it("checkHealth, fetchModelStatus and fetchGPUInfo", async () => {
    healthResponse.parse(await get("/health"));
    modelsStatusResponse.parse(await get("/models/status"));
    expect(gpuInfoResponse.parse(await get("/gpu-info"))).toMatchObject({ device_type: "cpu", gpu_name: null });
    expect(served.host.requests).toEqual([]);
  });

  it("the status of a GPU", async () => {
    const MiB = 1024 * 1024;
    const gpu = {
      name: "CUDA0",
      description: "NVIDIA GeForce RTX 4090",
      type: "gpu",
      backend: "CUDA",
      memoryFree: 6 * 1024 * MiB,
      memoryTotal: 24 * 1024 * MiB,
    };
    served.host.overrides.set("backends.list", () => [
      { backend: "cuda", available: true, reason: "Works.", devices: [gpu] },
      { backend: "cpu", available: true, reason: "Works." },
    ]);
    expect(gpuInfoResponse.parse(await get("/gpu-info"))).toEqual({
      device_type: "cuda",
      gpu_name: "NVIDIA GeForce RTX 4090",
      memory_total_mb: 24_576,
      memory_used_mb: 18_432,
      memory_free_mb: 6144,
      memory_utilization_percent: 75,
    });
    expect(healthResponse.parse(await get("/health"))).toMatchObject({
      gpu_name: "NVIDIA GeForce RTX 4090",
      gpu_memory_total_gb: 24,
      gpu_memory_used_gb: 18,
      gpu_memory_free_mb: 6144,
    });
  });

  it("no path of this computer is told", async () => {
    const status = modelsStatusResponse.parse(await get("/models/status"));
    expect(status).toMatchObject({ weights_path: "model.gguf", caption_model: { path: "mmproj.gguf" } });
  });

  it("parseScreenshot: task null, elements numbered from 0 as in the picture", async () => {
    const answer = await parse(clientBody());
    expect(served.host.requests[0]).toMatchObject({
      mode: "detect",
      profile: "balanced",
      overrides: { ...parseServiceLimits.balanced, minConfidence: 0.3 },
    });
    expect(answer).toMatchObject({
      count: 2,
      image_size: { width: 1920, height: 1080 },
      device: "cpu",
      profile: "balanced",
      max_detections: 40,
      min_confidence: 0.3,
      model: "Nano",
      timing: { resize_ms: 20, inference_ms: 660, parse_ms: 2, total_ms: 685 },
      raw_output: null,
      output_length: null,
      parse_status: "success",
      parse_error: null,
    });
    expect(answer.elements.map(({ element_id }) => element_id)).toEqual([0, 1]);
    expect(served.host.overlays[0]?.map(({ tag }) => tag)).toEqual(["0", "1"]);
    // bytebot-agent puts it into an image block of type image/png as it is.
    expect(
      Buffer.from(answer.som_image ?? "", "base64")
        .subarray(1, 4)
        .toString("latin1"),
    ).toBe("PNG");
  });

  it("enhanceScreenshotWithSOM: profile speed with 20 elements at most", async () => {
    const answer = await parse({ ...clientBody({ maxDetections: 20 }), performance_profile: "speed" });
    expect(answer).toMatchObject({ profile: "speed", max_detections: 20, min_confidence: 0.3 });
  });

  it("localizeElement: the one element", async () => {
    served.host.nextRun = () => sampleRun({ detections: [{ ...sampleDetection(1), point: [33.9, 44.2] }] });
    const answer = await parse(clientBody({ task: "Find the Extensions icon", detectMultiple: false }));
    expect(served.host.requests[0]).toMatchObject({ mode: "locate", target: "Find the Extensions icon" });
    expect(answer).toMatchObject({ count: 1, max_detections: 1, elements: [{ center: [33, 44], element_id: 0 }] });
  });

  it("navigate: a click on what was found, or an answer", async () => {
    served.host.nextRun = () => sampleRun({ detections: [{ ...sampleDetection(1), point: [33.9, 44.2] }] });
    const response = await post("/navigate", { image, task: "Find the search bar", step: 1 });
    expect(response.status).toBe(200);
    expect(navigateResponse.parse(await response.json()).action).toEqual({
      action: "click_element",
      element: "button",
      x: 33,
      y: 44,
    });
    expect(served.host.requests[0]).toMatchObject({ mode: "locate", target: "Find the search bar" });
    served.host.nextRun = () => sampleRun({ detections: [] });
    const nothing = await post("/navigate", { image, task: "Find the search bar" });
    expect(navigateResponse.parse(await nothing.json()).action.action).toBe("answer");
    expect((await post("/navigate", { image, task: "x", step: 0 })).status).toBe(400);
    expect((await post("/navigate", { image })).status).toBe(400);
  });

  it("detectModalDialog: says in the original's words that it cannot tell", async () => {
    const response = await post("/detect_dialog", { image });
    expect(response.status).toBe(200);
    expect(dialogResponse.parse(await response.json())).toMatchObject({
      has_dialog: false,
      confidence: 0,
      dialog_location: "unknown",
      device: "CPU",
      error: expect.stringContaining("cannot tell"),
    });
    expect((await post("/detect_dialog", { image: "http://example.com/a.png" })).status).toBe(400);
    expect(served.host.requests).toEqual([]);
  });
});

describe("the documented requests", () => {
  it("an image alone", async () => {
    const answer = await parse({ image });
    expect(answer).toMatchObject({ count: 2, profile: "balanced" });
    expect(answer.som_image).not.toBeNull();
  });

  it("a task without detect_multiple is a search for one target", async () => {
    served.host.nextRun = () => sampleRun({ detections: [sampleDetection(1)] });
    const answer = await parse({ image, task: "Find the search bar" });
    expect(served.host.requests[0]).toMatchObject({
      mode: "locate",
      target: "Find the search bar",
      overrides: { maxDetections: 1 },
    });
    expect(answer.count).toBe(1);
  });

  it("a task goes before detect_multiple, and profiles come in capitals", async () => {
    served.host.nextRun = () => sampleRun({ detections: [sampleDetection(1)] });
    const task = "click on submit button";
    const answer = await parse({ image, task, detect_multiple: true, performance_profile: "BALANCED" });
    expect(served.host.requests[0]).toMatchObject({ mode: "locate", target: task, profile: "balanced" });
    expect(answer.profile).toBe("balanced");
  });

  it("raw outputs", async () => {
    const body = { image, detect_multiple: true, max_detections: 20, return_raw_outputs: true };
    const answer = await parse(body);
    expect(answer.raw_output).toBe(sampleRun().result?.rawOutput);
    expect(answer.output_length).toBe(answer.raw_output?.length);
  });

  it("fields of earlier versions are let pass", async () => {
    await parse({
      image,
      include_captions: true,
      include_ocr: true,
      use_full_pipeline: true,
      iou_threshold: 0.7,
      use_paddleocr: true,
      min_confidence: 0.3,
    });
  });

  it("an upload with the README's form", async () => {
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array([1, 2, 3])]), "screenshot.png");
    form.append("include_captions", "true");
    const response = await fetch(`${served.url}/parse/upload`, { method: "POST", body: form });
    expect(response.status).toBe(200);
    parseResponse.parse(await response.json());
  });

  it("a data URL", async () => {
    await parse({ image: `data:image/png;base64,${image}` });
  });
});

describe("fields", () => {
  it("null stands for every optional one", async () => {
    const answer = await parse({
      image,
      task: null,
      detect_multiple: null,
      include_som: null,
      max_detections: null,
      min_confidence: null,
      return_raw_outputs: null,
      performance_profile: null,
    });
    expect(answer).toMatchObject({ count: 2, profile: "balanced", max_detections: 40, raw_output: null });
    expect(answer.som_image).not.toBeNull();
    expect((await post("/parse", { image: null })).status).toBe(400);
  });

  // What pydantic 2.13 makes of each for Optional[int] with ge=1 and le=200.
  it.each<[unknown, number]>([
    ["10", 10],
    [" 10 ", 10],
    ["\t10\n", 10],
    ["+10", 10],
    ["010", 10],
    ["1_0", 10],
    ["10.0", 10],
    ["00010.000", 10],
    [10.0, 10],
    [true, 1],
    ["200", 200],
  ])("max_detections %j is %i", async (given, taken) => {
    expect((await parse({ image, max_detections: given })).max_detections).toBe(taken);
  });

  it.each([
    "1__0",
    "_10",
    "10_",
    "10.",
    "10.5",
    "1e1",
    "",
    "0x10",
    "\u0967\u0966",
    "-5",
    "201",
    "00",
    "+ 1",
    10.5,
    false,
    1e300,
    [],
    {},
    "9".repeat(5000),
  ])("max_detections %j is refused", async (given) => {
    const response = await post("/parse", { image, max_detections: given });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("max_detections");
  });

  it.each<[unknown, number]>([
    ["0.3", 0.3],
    [" .3 ", 0.3],
    ["3e-1", 0.3],
    ["1E-1", 0.1],
    ["1", 1],
    ["1.", 1],
    ["+0.5", 0.5],
    ["1_0e-2", 0.1],
    [true, 1],
    [0, 0],
  ])("min_confidence %j is %d", async (given, taken) => {
    expect((await parse({ image, min_confidence: given })).min_confidence).toBeCloseTo(taken, 12);
  });

  it.each(["nan", "inf", "infinity", "0x1", "", "0,3", "0.3f", "1.5", -0.1, [], "1__0e-2"])(
    "min_confidence %j is refused",
    async (given) => {
      expect((await post("/parse", { image, min_confidence: given })).status).toBe(400);
    },
  );

  it.each<[unknown, boolean]>([
    ["true", true],
    ["TRUE", true],
    ["t", true],
    ["y", true],
    ["yes", true],
    ["oN", true],
    ["1", true],
    [1, true],
    ["0", false],
    ["off", false],
    ["F", false],
    ["n", false],
    ["no", false],
    ["False", false],
    [0, false],
  ])("include_som %j is %s", async (given, taken) => {
    expect((await parse({ image, include_som: given })).som_image !== null).toBe(taken);
  });

  it.each([" true ", "2", "", 2, 0.5, "true\n", [], {}])("include_som %j is refused", async (given) => {
    expect((await post("/parse", { image, include_som: given })).status).toBe(400);
  });

  it.each([5, true, []])("the task %j is refused", async (given) => {
    expect((await post("/parse", { image, task: given })).status).toBe(400);
  });

  it.each(["", "   "])("the task %j is none", async (task) => {
    await parse({ image, task });
    expect(served.host.requests[0]).toMatchObject({ mode: "detect" });
  });
});

describe("the query of /parse/upload", () => {
  const upload = (query: string, fields: Readonly<Record<string, string>> = {}) => {
    const form = new FormData();
    form.append("file", new Blob(["x"]), "shot.png");
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return fetch(`${served.url}/parse/upload${query}`, { method: "POST", body: form });
  };

  it("is honoured, before the form", async () => {
    const query = new URLSearchParams({
      task: "the save button",
      include_som: "false",
      max_detections: "7",
      min_confidence: "0.25",
      performance_profile: "quality",
    });
    const response = await upload(`?${query}`, { performance_profile: "speed", task: "another" });
    expect(response.status).toBe(200);
    expect(served.host.requests[0]).toMatchObject({
      mode: "locate",
      target: "the save button",
      profile: "quality",
      overrides: { minConfidence: 0.25 },
    });
    expect(parseResponse.parse(await response.json()).som_image).toBeNull();
    await upload("?max_detections=3&max_detections=9");
    expect(served.host.requests[1]).toMatchObject({ overrides: { maxDetections: 9 } });
  });

  it.each([
    ["max_detections", "many"],
    ["max_detections", ""],
    ["include_som", "perhaps"],
    ["performance_profile", "turbo"],
    ["include_captions", "true"],
    ["image", "x"],
    ["__proto__", "x"],
    ["version", "2"],
  ])("%s=%s is refused by name", async (name, value) => {
    const response = await upload(`?${new URLSearchParams({ [name]: value })}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(name);
    expect(served.host.requests).toEqual([]);
  });
});

describe("numbers in the answer", () => {
  it.each([
    [
      [10.4, 20.6, 50.5, 50.4],
      [10, 21, 41, 29],
      [30, 35],
    ],
    [
      [0.2, 0.2, 0.3, 0.3],
      [0, 0, 1, 1],
      [0, 0],
    ],
    [
      [1919.7, 1079.7, 1920, 1080],
      [1919, 1079, 1, 1],
      [1919, 1079],
    ],
    [
      [-3, -2, 1925, 1085],
      [0, 0, 1920, 1080],
      [961, 541],
    ],
  ] as const)("the box %j becomes %j with the centre %j", async (bbox, whole, center) => {
    served.host.nextRun = () => sampleRun({ detections: [{ ...sampleDetection(1), bbox: [...bbox] }] });
    expect((await parse({ image })).elements[0]).toMatchObject({ bbox: whole, center });
  });

  it.each(["ANSWER_TRUNCATED", "ANSWER_LOOPED"] as const)(
    "%s: an answer that was cut short is an error in the original's words, with the elements before the cut",
    async (code) => {
      const warning = { code, message: "The answer reached its limit of tokens." };
      served.host.nextRun = () => sampleRun({ warnings: [warning] });
      expect(await parse({ image })).toMatchObject({ count: 2, parse_status: "error", parse_error: warning.message });
    },
  );

  it("nothing found draws no picture", async () => {
    served.host.nextRun = () => sampleRun({ detections: [] });
    expect(await parse({ image })).toMatchObject({ count: 0, elements: [], som_image: null });
    expect(served.host.overlays).toEqual([]);
  });

  it("a stored answer has no times", async () => {
    const cached = { runId: "run-00000000", createdAt: "2026-03-01T09:00:00.000Z" };
    served.host.nextRun = () => ({ ...sampleRun(), cached });
    expect((await parse({ image })).timing).toBeNull();
  });
});

describe("addresses", () => {
  it.each(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])(
    "%s on one that there is not is 404",
    async (method) => {
      for (const path of ["/nothing", "/parse/nothing", "/models", "/models/status/x", "/docs", "/assets/none.js"]) {
        const response = await fetch(`${served.url}${path}`, { method });
        expect([path, response.status]).toEqual([path, 404]);
        expect(errorCode(await response.text())).toBe("NOT_FOUND");
      }
    },
  );

  it("the wrong method on one that there is says the right one", async () => {
    for (const [path, allow] of [
      ["/parse", "POST"],
      ["/navigate", "POST"],
      ["/api/parse", "POST"],
      ["/health", "GET, HEAD"],
      ["/models/status", "GET, HEAD"],
    ] as const) {
      const response = await fetch(`${served.url}${path}`, { method: "PUT" });
      expect([path, response.status, response.headers.get("allow")]).toEqual([path, 405, allow]);
    }
  });
});
