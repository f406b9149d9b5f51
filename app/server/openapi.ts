import { Hono } from "hono";
import type { z } from "zod";
import * as contract from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { browserMethods } from "./api-routes.ts";
import { errorStatus } from "./errors.ts";
import type { ServerEnv } from "./gate.ts";
import { answerSchemas, type Json, reference, requestSchema, typeName } from "./openapi-schemas.ts";

type Status = `${number}`;

/** The codes of failed answers by their status. */
function codesByStatus(): ReadonlyMap<Status, readonly contract.ErrorCode[]> {
  const found = new Map<Status, contract.ErrorCode[]>();
  for (const code of contract.errorCodes) {
    const status: Status = `${errorStatus[code]}`;
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return found;
}

const allStatuses = [...codesByStatus().keys()].sort();
/** What any address may answer: the gate refuses the request, there is no room for it, or something broke. */
const alwaysPossible: readonly Status[] = ["401", "403", "500", "503"];

function errorResponses(): Json {
  const schema = reference(contract.failedAnswerSchema);
  const responses = [...codesByStatus()].map(([status, codes]) => [
    `Error${status}`,
    {
      description: codes.join(", "),
      content: { "application/json": { schema } },
      ...(status === "503"
        ? { headers: { "Retry-After": { description: "Seconds, where room is lacking.", schema: { type: "string" } } } }
        : {}),
    },
  ]);
  return Object.fromEntries(responses);
}

function content(type: string, schema: Json): Json {
  return { [type]: { schema } };
}

const json = (schema: z.ZodType): Json => content("application/json", reference(schema));
const binary: Json = { type: "string", format: "binary" };

interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly parameters?: readonly Json[];
  readonly body?: Json;
  /** Of the answer 200, by its type. */
  readonly answer: Json;
  /** Besides those that are always possible. */
  readonly errors?: readonly Status[];
}

function operation({ id, summary, parameters, body, answer, errors = [] }: Operation): Json {
  const statuses = [...new Set([...alwaysPossible, ...errors])].sort();
  return {
    operationId: id,
    summary,
    ...contract.defined({ parameters, requestBody: body && { required: true, content: body } }),
    responses: {
      "200": { description: "Done.", content: answer },
      ...Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Error${status}` }])),
    },
  };
}

/** The fields of an upload, which may stand in the query, where the original takes them, or in the form. */
const uploadFields: Readonly<Record<string, Json>> = Object.fromEntries(
  Object.entries(contract.parseFieldsSchema.shape).map(([name, field]) => [name, requestSchema(field)]),
);

const uploadParameters: readonly Json[] = Object.entries(uploadFields).map(([name, schema]) => ({
  name,
  in: "query",
  required: false,
  schema,
}));

const uploadBody: Json = content("multipart/form-data", {
  type: "object",
  properties: { file: binary, image: binary, ...uploadFields },
  // The original's name, and the one that the JSON request has.
  anyOf: [{ required: ["file"] }, { required: ["image"] }],
});

/** /parse and /parse/upload, there and under /api. */
function parsePaths(prefix: "" | "/api", answerSchema: z.ZodType): Json {
  const id = (name: string) => (prefix === "" ? name : `detailed${typeName(name)}`);
  const answer = json(answerSchema);
  const end = prefix === "" ? "as the original service does" : "in full, with our stages and warnings";
  return {
    [`${prefix}/parse`]: {
      post: operation({
        id: id("parse"),
        summary: `Finds the elements of an image in base64, and answers ${end}. Numbers and truth values may be texts.`,
        body: content("application/json", requestSchema(contract.parseRequestSchema)),
        answer,
        errors: allStatuses,
      }),
    },
    [`${prefix}/parse/upload`]: {
      post: operation({
        id: id("parseUpload"),
        summary: `Finds the elements of an image in a form, and answers ${end}.`,
        parameters: uploadParameters,
        body: uploadBody,
        answer,
        errors: allStatuses,
      }),
    },
  };
}

function servicePaths(): Json {
  const asks = (id: string, summary: string, answer: z.ZodType) => ({
    get: operation({ id, summary, answer: json(answer) }),
  });
  const health = { anyOf: [reference(contract.healthSchema), reference(contract.livenessSchema)] };
  return {
    "/navigate": {
      post: operation({
        id: "navigate",
        summary: "Locates the target of a task; it plans no further steps.",
        body: content("application/json", requestSchema(contract.navigateRequestSchema)),
        answer: json(contract.navigateResponseSchema),
        errors: allStatuses,
      }),
    },
    "/detect_dialog": {
      post: operation({
        id: "detectDialog",
        summary: "Says that it cannot tell whether an element is a dialog.",
        body: content("application/json", requestSchema(contract.dialogRequestSchema)),
        answer: json(contract.dialogResponseSchema),
        errors: ["400", "413"],
      }),
    },
    "/health": {
      get: {
        ...operation({
          id: "health",
          summary: "Tells that the service lives, and with the token how it does.",
          answer: content("application/json", health),
        }),
        security: [],
      },
    },
    "/models/status": asks("modelsStatus", "Names the model in use.", contract.modelsStatusSchema),
    "/gpu-info": asks("gpuInfo", "Names the GPUs.", contract.gpuInfoSchema),
  };
}

/** The answer of a call that succeeded. */
function callValue(result: z.ZodType): Json {
  return content("application/json", {
    type: "object",
    properties: { ok: { const: true }, value: reference(result) },
    required: ["ok", "value"],
    additionalProperties: false,
  });
}

function callPaths(): Json {
  const paths = browserMethods.map((method) => {
    const name = typeName(method);
    const { params, result } = contract.methods[method];
    const call = operation({
      id: `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      summary: `Calls ${method}.`,
      body: content("application/json", requestSchema(params)),
      answer: callValue(result),
      errors: allStatuses,
    });
    return [`/api/call/${method}`, { post: call }];
  });
  return Object.fromEntries(paths);
}

function apiPaths(): Json {
  return {
    "/api/images": {
      post: operation({
        id: "addImage",
        summary: "Stores an image, whose bytes are the body.",
        parameters: [{ name: "name", in: "query", required: false, schema: { type: "string", maxLength: 255 } }],
        body: content("application/octet-stream", binary),
        answer: callValue(contract.methods["images.add"].result),
        errors: ["400", "413", "415", "422", "507"],
      }),
    },
    "/api/images/{id}": {
      get: operation({
        id: "image",
        summary: "The image as it is shown, upright.",
        parameters: [{ name: "id", in: "path", required: true, schema: requestSchema(contract.imageIdSchema) }],
        answer: content("image/*", binary),
        errors: ["400", "404"],
      }),
    },
    "/api/events": {
      get: operation({
        id: "events",
        summary: `Events as they happen, each with its name and its payload as JSON: ${contract.eventNames.join(", ")}.`,
        answer: content("text/event-stream", { type: "string" }),
      }),
    },
    ...callPaths(),
  };
}

/**
 * The server's addresses in OpenAPI 3.1, made from the contract.
 * @param version of the application
 * @param withToken whether requests need the token
 */
export function openApiDocument(version: string, withToken: boolean): Json {
  const page = operation({ id: "page", summary: "The window.", answer: content("text/html", { type: "string" }) });
  const self = operation({
    id: "openapi",
    summary: "This document.",
    answer: content("application/json", { type: "object" }),
  });
  return {
    openapi: "3.1.0",
    info: {
      title: "Holoscope",
      version,
      summary: "See what a local GUI-grounding vision model sees in a screenshot, and where the milliseconds go.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: withToken ? [{ token: [] }] : [],
    paths: {
      "/": { get: page },
      "/openapi.json": { get: self },
      ...parsePaths("", contract.parseResponseSchema),
      ...servicePaths(),
      ...parsePaths("/api", contract.detailedParseResponseSchema),
      ...apiPaths(),
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: answerSchemas(),
      responses: errorResponses(),
    },
  };
}

/** GET /openapi.json. */
export function openApiRoutes(host: Host, withToken: boolean): Hono<ServerEnv> {
  const routes = new Hono<ServerEnv>();
  /** Made when it is first asked for: most servers never are. */
  let text: string | undefined;
  routes.get("/openapi.json", async (context) => {
    const { version } = await host.call("app.info", {});
    text ??= JSON.stringify(openApiDocument(version, withToken));
    return context.body(text, 200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  });
  return routes;
}
