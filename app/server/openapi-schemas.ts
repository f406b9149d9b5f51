import { z } from "zod";
import * as contract from "../contract/index.ts";

/** JSON Schema (draft 2020-12) or a part of an OpenAPI document: what is in it is known only to its readers. */
export type Json = Readonly<Record<string, unknown>>;

/** What answers consist of, by the names that generated clients give their types. */
const named: Readonly<Record<string, z.ZodType>> = {
  AppInfo: contract.appInfoSchema,
  BackendStatus: contract.backendStatusSchema,
  Detection: contract.detectionSchema,
  DetailedParseResponse: contract.detailedParseResponseSchema,
  DialogResponse: contract.dialogResponseSchema,
  EngineState: contract.engineStateSchema,
  ErrorInfo: contract.errorInfoSchema,
  FailedAnswer: contract.failedAnswerSchema,
  GpuInfo: contract.gpuInfoSchema,
  Health: contract.healthSchema,
  ImageRef: contract.imageRefSchema,
  Liveness: contract.livenessSchema,
  LoadedModel: contract.loadedModelSchema,
  ModelEntry: contract.modelEntrySchema,
  ModelsStatus: contract.modelsStatusSchema,
  NavigateResponse: contract.navigateResponseSchema,
  ParseResponse: contract.parseResponseSchema,
  RunRecord: contract.runRecordSchema,
  RunSummary: contract.runSummarySchema,
  Settings: contract.settingsSchema,
  Stage: contract.stageSchema,
  Truth: contract.truthSchema,
};

/** "runs.list" -> "RunsList". */
export function typeName(method: string): string {
  return method.replace(/(?:^|\.)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/** A schema that stands in the document under a name; results of methods are called after their method. */
const registry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
for (const method of contract.methodNames) {
  const { result } = contract.methods[method];
  if (!registry.has(result)) registry.add(result, { id: `${typeName(method)}Result` });
}

const addressOf = (id: string): string => `#/components/schemas/${id}`;

/** Refers to the schema of an answer. Throws for one that has no name in the document. */
export function reference(schema: z.ZodType): Json {
  const id = registry.get(schema)?.id;
  if (id === undefined) throw new Error("An answer's schema has no name in the OpenAPI document.");
  return { $ref: addressOf(id) };
}

/** The schemas of answers by their names, each referring to the others. */
export function answerSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(registry, { io: "output", uri: addressOf });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** What a request may consist of: fields with defaults may be left out. */
export function requestSchema(schema: z.ZodType): Json {
  return bare(z.toJSONSchema(schema, { io: "input" }));
}

/** The document names the dialect once, and a schema's place in it is its name. */
function bare({ $schema: _dialect, $id: _place, ...schema }: Json): Json {
  return schema;
}
