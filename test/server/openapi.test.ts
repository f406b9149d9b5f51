import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { OpenAPIClientAxios } from "openapi-client-axios";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { errorCodes, HoloscopeError, methodNames } from "../../app/contract/index.ts";
import { browserMethods } from "../../app/server/api-routes.ts";
import { errorStatus } from "../../app/server/errors.ts";
import { openApiDocument } from "../../app/server/openapi.ts";
import { addresses } from "../../app/server/server.ts";
import { sampleRun } from "./sample-run.ts";
import { errorCode, type Served, serveFake } from "./served.ts";

const operationSchema = z.looseObject({
  operationId: z.string(),
  responses: z.record(z.string(), z.looseObject({ $ref: z.string().optional() })),
});
const documentSchema = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ version: z.string() }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string(), z.partialRecord(z.enum(["get", "post"]), operationSchema)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()),
    responses: z.record(z.string(), z.looseObject({ description: z.string() })),
  }),
});
type Document = z.infer<typeof documentSchema>;

let served: Served;
let document: Document;
beforeEach(async () => {
  served = await serveFake();
  const response = await fetch(`${served.url}/openapi.json`);
  expect(response.headers.get("content-type")).toContain("application/json");
  document = documentSchema.parse(await response.json());
});
afterEach(() => served.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

describe("the document", () => {
  it("is valid OpenAPI 3.1, of the version that the application has", async () => {
    const copy: Record<string, unknown> = structuredClone(document);
    expect(await new Validator().validate(copy)).toEqual({ valid: true });
    expect(document).toMatchObject({ openapi: "3.1.0", info: { version: "0.0.0" } });
    // Negative control.
    const broken = { ...structuredClone(document), paths: { "no-slash": {} } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it("has every address of the server with its method, and no other", () => {
    const expected = addresses.flatMap(([address, method]) =>
      address === "/api/call/:method"
        ? browserMethods.map((name) => `${method} /api/call/${name}`)
        : [`${method} ${address.replace(":id", "{id}")}`],
    );
    expect(
      operations()
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    ).toEqual(expected.sort());
  });

  it("has the methods that the browser door may call, all but those that take paths or bytes", () => {
    const missing = methodNames.filter((name) => !browserMethods.includes(name));
    expect(missing.sort()).toEqual(["images.add", "images.addPath", "models.add", "models.convert", "models.import"]);
  });

  it("has addresses that all answer", async () => {
    for (const { path, method } of operations()) {
      const url = `${served.url}${path.replace("{id}", "0".repeat(64))}`;
      const abort = new AbortController();
      const response = await fetch(url, { method, signal: abort.signal, ...(method === "POST" ? { body: "{}" } : {}) });
      expect([403, 405], path).not.toContain(response.status);
      if (response.status === 404) expect(errorCode(await response.text()), path).toBe("IMAGE_NOT_FOUND");
      abort.abort();
    }
  });

  it("gives each operation a name of its own", () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["parse", "detailedParseUpload", "runsDeleteMany", "addImage"]));
  });

  it("names each error code with the status that it has", () => {
    const { responses } = document.components;
    for (const code of errorCodes) {
      expect(responses[`Error${errorStatus[code]}`]?.description.split(", ")).toContain(code);
    }
  });

  it("refers to nothing that is not in it", () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/(schemas|responses)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(100);
    const missing = references.filter(([, kind, name = ""]) => {
      const part = kind === "schemas" ? document.components.schemas : document.components.responses;
      return !Object.hasOwn(part, name);
    });
    expect(missing).toEqual([]);
  });

  it("is the same for everyone who may read it, and needs the token like the rest", async () => {
    const token = "a-secret-for-clients";
    const guarded = await serveFake({ token, pause: async () => {} });
    try {
      expect((await fetch(`${guarded.url}/openapi.json`)).status).toBe(401);
      const response = await fetch(`${guarded.url}/openapi.json`, { headers: { Authorization: `Bearer ${token}` } });
      const own = documentSchema.parse(await response.json());
      expect(own.security).toEqual([{ token: [] }]);
      expect(own.paths["/health"]?.get).toMatchObject({ security: [] });
      expect(document.security).toEqual([]);
      expect(JSON.stringify(own)).not.toContain(token);
    } finally {
      await guarded.close();
    }
    expect((await fetch(`${served.url}/openapi.json`, { headers: { Origin: "https://evil.example" } })).status).toBe(
      403,
    );
    expect((await fetch(`${served.url}/openapi.json`, { method: "POST" })).status).toBe(405);
  });
});

describe("a client made from the document", () => {
  const image = Buffer.from("not really a PNG").toString("base64");
  let client: Awaited<ReturnType<typeof makeClient>>;
  let checker: Ajv2020;

  async function makeClient(url: string) {
    const definition = `${url}/openapi.json`;
    const axiosConfigDefaults = { validateStatus: () => true };
    return new OpenAPIClientAxios({ definition, withServer: { url }, axiosConfigDefaults }).init();
  }

  beforeEach(async () => {
    client = await makeClient(served.url);
    checker = new Ajv2020({ strict: false, validateFormats: false });
    checker.addSchema(document, "openapi");
  });

  interface Request {
    readonly parameters?: Readonly<Record<string, string | number>>;
    readonly body?: unknown;
  }

  /** Calls an operation by its name; what comes back must be what the document says for that status. */
  async function ask(name: string, { parameters = {}, body }: Request = {}) {
    const operation = client[name];
    if (operation === undefined) throw new Error(`The client has no operation ${name}.`);
    const { status, data } = await operation(parameters, body);
    const found = operations().find(({ operation: { operationId } }) => operationId === name);
    const method = found?.method.toLowerCase();
    const place = ["paths", found?.path ?? "", method ?? "", "responses", String(status)];
    const declared = found?.operation.responses[status];
    expect(declared, `${name} declares ${status}: ${JSON.stringify(data)}`).toBeDefined();
    const pointer = declared?.$ref ?? `#/${place.map((part) => part.replaceAll("/", "~1")).join("/")}`;
    const schema = { $ref: `openapi${pointer}/content/application~1json/schema` };
    expect(checker.validate(schema, data), `${name}: ${checker.errorsText()}`).toBe(true);
    return { status, data };
  }

  it.each(["parse", "detailedParse"])("sends an image with %s and reads the elements", async (name) => {
    const body = { image, performance_profile: "speed", max_detections: 5, return_raw_outputs: true };
    const { status, data } = await ask(name, { body });
    expect(status).toBe(200);
    expect(data).toMatchObject({ count: 2, profile: "speed", max_detections: 5 });
    expect(served.host.requests).toHaveLength(1);
  });

  it.each(["parseUpload", "detailedParseUpload"])("sends a file with %s, and fields in the query", async (name) => {
    const body = new FormData();
    body.set("file", new Blob([Buffer.from("not really a PNG")]), "shot.png");
    const { status, data } = await ask(name, { parameters: { max_detections: 7 }, body });
    expect(status).toBe(200);
    expect(data).toMatchObject({ max_detections: 7 });
  });

  it("reads a stored answer too, which has no times", async () => {
    const cached = { runId: "run-00000001", createdAt: "2026-03-01T09:00:00.000Z" };
    served.host.nextRun = () => ({ ...sampleRun(), cached });
    expect((await ask("parse", { body: { image } })).data).toMatchObject({ timing: null });
    expect((await ask("detailedParse", { body: { image } })).data).toMatchObject({ cached: { run_id: cached.runId } });
  });

  it("asks for a click, and where none is to be found", async () => {
    const body = { image, task: "the button" };
    expect((await ask("navigate", { body })).data).toMatchObject({ action: { action: "click_element" } });
    served.host.nextRun = () => sampleRun({ detections: [] });
    expect((await ask("navigate", { body })).data).toMatchObject({ action: { action: "answer" } });
    expect((await ask("detectDialog", { body: { image } })).data).toMatchObject({ has_dialog: false });
  });

  it("asks how the service does, before and after the GPUs are known", async () => {
    const device = {
      name: "GPU0",
      description: "A GPU",
      type: "gpu",
      backend: "CUDA",
      memoryFree: 5e9,
      memoryTotal: 8e9,
    };
    expect((await ask("health")).data).toMatchObject({ status: "healthy", gpu_name: null });
    expect((await ask("gpuInfo")).data).toMatchObject({ available: false });
    served.host.overrides.set("backends.list", () => [
      { backend: "cuda", available: true, reason: "It works", devices: [device] },
    ]);
    served.host.overrides.set("engine.state", () => ({
      state: "crashed",
      queued: 1,
      restarts: 1,
      lastError: { code: "ENGINE_CRASHED", message: "It ended." },
    }));
    expect((await ask("gpuInfo")).data).toMatchObject({ device_count: 1 });
    expect((await ask("health")).data).toMatchObject({ gpu_name: "A GPU", last_error: { code: "ENGINE_CRASHED" } });
    expect((await ask("modelsStatus")).data).toMatchObject({ icon_detector: { type: "Nano" } });
  });

  it("stores an image and calls methods with its id", async () => {
    const added = await ask("addImage", { parameters: { name: "a.png" }, body: Buffer.from("not really a PNG") });
    expect(added.data).toMatchObject({ ok: true, value: { name: "a.png", format: "png" } });
    const { id } = added.data.value;
    expect((await ask("imagesSetScale", { body: { id, scale: 2 } })).data.value.scale).toEqual({
      value: 2,
      from: "user",
    });
    expect((await client.image?.({ id }))?.data).toBe("not really a PNG");
    expect((await ask("settingsGet", { body: {} })).data).toMatchObject({ ok: true, value: { modelId: "nano" } });
    expect((await ask("modelsList", { body: {} })).data.value).toHaveLength(1);
    served.host.overrides.set("runs.get", () => sampleRun());
    expect((await ask("runsGet", { body: { runId: "run-00000001" } })).data.value).toMatchObject({ status: "done" });
  });

  it.each([
    ["parse", { image: "https://example.com/a.png" }, 400, "BAD_REQUEST"],
    ["parse", { image: "" }, 400, "BAD_REQUEST"],
    ["runsGet", { runId: "no run" }, 400, "BAD_REQUEST"],
    ["imagesGet", { id: "0".repeat(64) }, 404, "IMAGE_NOT_FOUND"],
    ["runsList", {}, 500, "INTERNAL"],
  ])("reads why %s %j failed", async (name, body, status, code) => {
    const answer = await ask(name, { body });
    expect(answer).toMatchObject({ status, data: { ok: false, error: { code } } });
  });

  it("knows all that a run may fail with", async () => {
    for (const code of errorCodes) {
      served.host.nextRun = () => {
        throw new HoloscopeError(code, "It failed.", "Do this.");
      };
      expect(await ask("parse", { body: { image } })).toMatchObject({ status: errorStatus[code] });
    }
  });
});

describe("what requests may say", () => {
  const requestOf = (path: string) => `openapi#/paths/${path.replaceAll("/", "~1")}/post/requestBody/content`;
  const checker = new Ajv2020({ strict: false, validateFormats: false });
  checker.addSchema(openApiDocument("0", false), "openapi");
  const accepts = (path: string, body: unknown) =>
    checker.validate({ $ref: `${requestOf(path)}/application~1json/schema` }, body);

  it.each([
    ["/parse", { image: "AAAA" }, true],
    ["/parse", { image: "AAAA", max_detections: 200, performance_profile: "quality" }, true],
    ["/parse", {}, false],
    ["/parse", { image: "AAAA", max_detections: 201 }, false],
    ["/parse", { image: "AAAA", min_confidence: 2 }, false],
    ["/navigate", { image: "AAAA", task: "save" }, true],
    ["/navigate", { image: "AAAA" }, false],
    ["/api/call/runs.list", {}, true],
    ["/api/call/runs.list", { limit: 0 }, false],
    ["/api/call/settings.get", { more: 1 }, false],
    ["/api/call/runs.start", { imageId: "a", overrides: { maxDetections: 5 } }, true],
    ["/api/call/runs.start", { imageId: "a", mode: "look" }, false],
  ])("%s %j: %s", (path, body, valid) => {
    expect(accepts(path, body)).toBe(valid);
  });
});
