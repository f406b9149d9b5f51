import http from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { imageLimits, parseResponseSchema, parseServiceLimits } from "../../app/contract/index.ts";
import { decodeBase64Image } from "../../app/server/parse-request.ts";
import { sampleDetection, sampleRun } from "./sample-run.ts";
import { errorCode, rawRequest, type Served, serveFake } from "./served.ts";

const image = Buffer.from("not really a PNG").toString("base64");

let served: Served;
beforeEach(async () => {
  served = await serveFake();
});
afterEach(() => served.close());

async function parse(body: unknown): Promise<Response> {
  return fetch(`${served.url}/parse`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

describe("POST /parse", () => {
  it("answers with the original service's fields", async () => {
    const response = await parse({ image, return_raw_outputs: true, performance_profile: "speed" });
    expect(response.status).toBe(200);
    const answer = parseResponseSchema.parse(await response.json());
    expect(answer.elements).toEqual([
      { bbox: [10, 20, 40, 30], center: [30, 35], confidence: 0.9, type: "button", caption: "button", element_id: 1 },
      {
        bbox: [20, 20, 40, 30],
        center: [40, 35],
        confidence: 0.9,
        type: "menu item",
        caption: "menu item",
        element_id: 2,
      },
    ]);
    const rawOutput = sampleRun().result?.rawOutput ?? "";
    expect(rawOutput).toContain("menu item");
    expect(answer).toMatchObject({
      count: 2,
      image_size: { width: 1920, height: 1080 },
      device: "cpu",
      profile: "speed",
      max_detections: parseServiceLimits.speed.maxDetections,
      min_confidence: parseServiceLimits.speed.minConfidence,
      model: "Nano",
      timing: { resize_ms: 20, inference_ms: 660, parse_ms: 2, total_ms: 685 },
      raw_output: rawOutput,
      output_length: rawOutput.length,
      parse_status: "ok",
      run_id: "run-00000001",
    });
    expect(answer.stages.map(({ stage }) => stage)).toContain("encode");
    expect(answer.som_image).toMatch(/^data:image\/png;base64,/);
    expect(served.host.overlays[0]?.map(({ tag }) => tag)).toEqual(["1", "2"]);
  });

  it("leaves out what was not asked for", async () => {
    const answer = parseResponseSchema.parse(await (await parse({ image, include_som: false })).json());
    expect(answer.som_image).toBeUndefined();
    expect(answer.raw_output).toBeUndefined();
    expect(served.host.overlays).toHaveLength(0);
  });

  it("hands profile and limits on to the run", async () => {
    await parse({ image, performance_profile: "quality", max_detections: 7, min_confidence: 0 });
    expect(served.host.requests[0]).toMatchObject({
      mode: "detect",
      profile: "quality",
      overrides: { maxDetections: 7, minConfidence: 0, maxNewTokens: parseServiceLimits.quality.maxNewTokens },
    });
  });

  it("locates the task when one element is asked for", async () => {
    served.host.nextRun = () => sampleRun({ detections: [{ ...sampleDetection(1), point: [33, 44] }] });
    const response = await parse({ image, detect_multiple: false, task: " the save button " });
    expect(served.host.requests[0]).toMatchObject({ mode: "locate", target: "the save button" });
    const answer = parseResponseSchema.parse(await response.json());
    expect(answer.elements[0]?.center).toEqual([33, 44]);
  });

  it("answers one element without a task, and says when a task goes unused", async () => {
    await parse({ image, detect_multiple: false });
    expect(served.host.requests[0]).toMatchObject({ mode: "detect", overrides: { maxDetections: 1 } });
    const answer = parseResponseSchema.parse(await (await parse({ image, task: "the save button" })).json());
    expect(answer.warnings.join()).toContain("detect_multiple");
  });

  it("says when the answer was cut short", async () => {
    const warning = { code: "ANSWER_TRUNCATED", message: "The answer reached its limit of tokens." } as const;
    served.host.nextRun = () => sampleRun({ warnings: [warning] });
    const answer = parseResponseSchema.parse(await (await parse({ image })).json());
    expect(answer).toMatchObject({ parse_status: "truncated", parse_error: warning.message });
  });

  it("allows a stored answer, and tells one by a mark in place of times", async () => {
    const cached = { runId: "run-00000000", createdAt: "2026-03-01T09:00:00.000Z" };
    served.host.nextRun = () => ({ ...sampleRun(), cached });
    const answer = parseResponseSchema.parse(await (await parse({ image })).json());
    expect(served.host.requests[0]).toMatchObject({ useCache: true });
    expect(answer.cached).toEqual({ run_id: cached.runId, created_at: cached.createdAt });
    expect(answer.count).toBe(2);
    expect(answer).not.toHaveProperty("timing");
    expect(answer.stages).toEqual([]);
    expect(answer.processing_time_ms).toBeGreaterThan(0);
  });

  it.each([
    ["IMAGE_UNREADABLE", 422],
    ["OUT_OF_MEMORY", 503],
    ["ENGINE_CRASHED", 500],
    ["MODEL_NOT_FOUND", 404],
  ] as const)("turns a run that failed with %s into status %i", async (code, status) => {
    served.host.nextRun = () =>
      sampleRun({ status: "failed", error: { code, message: "It failed.", hint: "Do this." } });
    const response = await parse({ image });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ ok: false, error: { code, message: "It failed.", hint: "Do this." } });
  });

  it("cancels the run when the client goes away", async () => {
    served.host.nextRun = "hang";
    const body = JSON.stringify({ image });
    const request = http.request(`${served.url}/parse`, { method: "POST", agent: false });
    request.on("error", () => {});
    request.end(body);
    await vi.waitFor(() => expect(served.host.requests).toHaveLength(1));
    expect(served.host.cancelled).toEqual([]);
    request.destroy();
    await vi.waitFor(() => expect(served.host.cancelled).toEqual(["run-00000001"]));
  });

  it("does not cancel a run whose client waits", async () => {
    await parse({ image });
    expect(served.host.cancelled).toEqual([]);
  });
});

describe("bad requests to /parse", () => {
  it.each([
    ["no JSON", "{image:"],
    ["an empty body", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["broken UTF-8 text", "\u0000"],
    ["no image", { task: "x" }],
    ["an empty image", { image: "" }],
    ["an image that is a number", { image: 7 }],
    ["an image that is a path", { image: "/home/me/screen shot.png?" }],
    ["a data URL without base64", { image: "data:image/png,abc" }],
    ["a data URL without data", { image: "data:image/png;base64" }],
    ["text for a boolean", { image, detect_multiple: "yes" }],
    ["0 detections", { image, max_detections: 0 }],
    ["201 detections", { image, max_detections: 201 }],
    ["half a detection", { image, max_detections: 1.5 }],
    ["a confidence of 2", { image, min_confidence: 2 }],
    ["an unknown profile", { image, performance_profile: "turbo" }],
  ])("%s", async (_what, body) => {
    const response = await parse(body);
    expect(response.status).toBe(400);
    expect(errorCode(await response.text())).toBe("BAD_REQUEST");
    expect(served.host.requests).toHaveLength(0);
    expect((await fetch(`${served.url}/health`)).status).toBe(200);
  });

  it("names the wrong field", async () => {
    const answer = await (await parse({ image, max_detections: 500 })).text();
    expect(answer).toContain("max_detections");
  });

  it("refuses an image of 0 bytes with the image's own error", async () => {
    const response = await parse({ image: "data:image/png;base64," });
    expect(response.status).toBe(422);
    expect(errorCode(await response.text())).toBe("IMAGE_EMPTY");
  });

  it("refuses a body that announces too much before reading it", async () => {
    const answer = await new Promise<{ status: number; text: string; sent: boolean }>((resolve, reject) => {
      const request = http.request(`${served.url}/parse`, {
        method: "POST",
        agent: false,
        headers: { "Content-Length": 200 * 1024 * 1024 },
      });
      request.on("error", reject);
      request.on("response", (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text, sent: request.writableEnded });
          request.destroy();
        });
      });
      request.write("{");
    });
    expect(answer.status).toBe(413);
    expect(errorCode(answer.text)).toBe("PAYLOAD_TOO_LARGE");
    expect(answer.sent).toBe(false);
  });

  /** Sends zeros without a Content-Length; the status, or 0 if the server just closed. */
  function sendChunks(bytes: number): Promise<number> {
    const chunk = Buffer.alloc(1024 * 1024);
    return new Promise((resolve) => {
      const request = http.request(`${served.url}/api/images`, { method: "POST", agent: false });
      let ended = false;
      const end = (status: number): void => {
        ended = true;
        resolve(status);
        request.destroy();
      };
      request.on("error", () => end(0));
      request.on("response", (response) => end(response.statusCode ?? 0));
      const write = (left: number): void => {
        if (ended) return;
        if (left <= 0) return void request.end();
        request.write(chunk, () => setImmediate(() => write(left - chunk.length)));
      };
      write(bytes);
    });
  }

  it("refuses a body of unknown length that passes the limit", async () => {
    expect(await sendChunks(imageLimits.maxBytes + 20 * 1024 * 1024)).toBe(413);
    expect(served.host.calls).toEqual([]);
  });

  it("ends a body that never ends", async () => {
    expect([413, 0]).toContain(await sendChunks(Number.POSITIVE_INFINITY));
    expect((await fetch(`${served.url}/health`)).status).toBe(200);
  }, 5_000);

  it.each(["GET", "PUT", "DELETE", "PATCH"])("refuses %s", async (method) => {
    const response = await fetch(`${served.url}/parse`, { method });
    expect(response.status).toBe(405);
    expect(errorCode(await response.text())).toBe("BAD_REQUEST");
  });

  it("answers what is not HTTP in the same shape", async () => {
    const answer = await rawRequest(served.server.port, { path: "/parse", headers: { "X-Big": "x".repeat(40_000) } });
    expect(answer.status).toBe(400);
    expect(errorCode(answer.text)).toBe("BAD_REQUEST");
  });
});

describe("POST /parse/upload", () => {
  const upload = (form: FormData) => fetch(`${served.url}/parse/upload`, { method: "POST", body: form });

  it.each(["image", "file"])("takes the file from the field %s, and the other fields as text", async (field) => {
    const form = new FormData();
    form.append(field, new Blob([new Uint8Array([0, 255, 13, 10, 1])]), "shot.png");
    form.append("detect_multiple", "False");
    form.append("task", "the save button");
    form.append("include_som", "0");
    form.append("min_confidence", "0.25");
    form.append("max_detections", "");
    form.append("performance_profile", "quality");
    const response = await upload(form);
    expect(response.status).toBe(200);
    expect(parseResponseSchema.parse(await response.json()).image_size.width).toBe(1920);
    expect(served.host.requests[0]).toMatchObject({
      mode: "locate",
      target: "the save button",
      profile: "quality",
      overrides: { minConfidence: 0.25 },
    });
    const added = served.host.calls.find(({ method }) => method === "images.add");
    expect(added?.params).toEqual({ bytes: new Uint8Array([0, 255, 13, 10, 1]), name: "shot.png" });
  });

  it.each([
    ["max_detections", "many"],
    ["include_som", "perhaps"],
    ["min_confidence", "1.5"],
  ])("refuses %s = %s", async (name, value) => {
    const form = new FormData();
    form.append("image", new Blob(["x"]), "x.png");
    form.append(name, value);
    const response = await upload(form);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(name);
  });

  it("refuses a form without a file, a broken form and another content type", async () => {
    const form = new FormData();
    form.append("image", "just text");
    expect((await upload(form)).status).toBe(400);
    for (const type of ["multipart/form-data; boundary=x", "multipart/form-data", "application/json"]) {
      const headers = { "Content-Type": type };
      const response = await fetch(`${served.url}/parse/upload`, { method: "POST", headers, body: "nonsense" });
      expect(response.status).toBe(400);
      expect(errorCode(await response.text())).toBe("BAD_REQUEST");
    }
  });
});

describe("decodeBase64Image", () => {
  it("takes plain, wrapped, URL-safe and data-URL base64", () => {
    const bytes = Buffer.from([251, 255, 190, 1]);
    const plain = bytes.toString("base64");
    for (const text of [
      plain,
      `${plain.slice(0, 3)}\r\n${plain.slice(3)}\n`,
      bytes.toString("base64url"),
      `data:image/png;base64,${plain}`,
      `data:image/jpeg;name=a.jpg;BASE64,${plain}`,
    ]) {
      expect(Buffer.from(decodeBase64Image(text))).toEqual(bytes);
    }
  });
});

describe("GET /health and /gpu-info", () => {
  it("describe the service without starting a run", async () => {
    expect(await (await fetch(`${served.url}/health`)).json()).toMatchObject({
      status: "healthy",
      model: "nano",
      model_loaded: false,
      device: "cpu",
    });
    expect(await (await fetch(`${served.url}/gpu-info`)).json()).toMatchObject({
      available: false,
      device: "cpu",
      device_count: 0,
      devices: [],
    });
    expect(served.host.requests).toHaveLength(0);
  });
});
