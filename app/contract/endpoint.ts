import { z } from "zod";
import { errorInfoSchema } from "./errors.ts";
import { shortText } from "./text.ts";

/** Programs that serve models to others, by their own interfaces. "openai": any other with OpenAI's chat completions. */
export const endpointKinds = ["llama-server", "vllm", "sglang", "ollama", "lm-studio", "openai", "holoscope"] as const;
export const endpointKindSchema = z.enum(endpointKinds);
export type EndpointKind = z.infer<typeof endpointKindSchema>;

/** The engine of this machine. */
export const localEngineId = "local";
/** Most engines that one request may name. */
export const maxEngines = 32;
export const engineIdSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    "an engine id is 1 to 64 lower-case letters, digits, dots, dashes and underscores",
  );

/** What keeps an answer in the form that can be read: a GBNF grammar, a JSON schema, or nothing but the prompt. */
export const constraintSchema = z.enum(["gbnf", "json-schema", "none"]);
export type Constraint = z.infer<typeof constraintSchema>;

/** Base address of a server: http or https, no user, password, query or fragment. */
export const endpointUrlSchema = z
  .string()
  .max(2000)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const plain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
    return plain && (url.protocol === "http:" || url.protocol === "https:");
  }, "an address begins with http:// or https:// and holds no user, password, query or fragment");

/** An engine elsewhere, as the user added it. Its key is kept apart and is no part of it. */
export const endpointSchema = z.object({
  id: engineIdSchema.refine((id) => id !== localEngineId, "this id stands for this machine"),
  name: shortText.min(1),
  url: endpointUrlSchema,
  kind: endpointKindSchema,
  /** The server's name of the model; the first it lists if left out. */
  model: shortText.optional(),
  /** Preset that tells how to ask the model; chosen by the model's name if left out. */
  preset: shortText.optional(),
  /** Most requests at once; what the server tells, or one, if left out. */
  slots: z.int().min(1).max(1024).optional(),
  /** The user agreed that screenshots go over plain http to a host that is not this machine. */
  sendUnencrypted: z.boolean().optional(),
});
export type Endpoint = z.infer<typeof endpointSchema>;

/** What a server tells of itself; what it does not tell is absent. */
export const endpointProbeSchema = z.object({
  kind: endpointKindSchema,
  version: shortText.optional(),
  /** Names of its models, as it lists them. */
  models: z.array(shortText).max(1000),
  /** Requests that it answers at once. */
  slots: z.int().positive().optional(),
  /** Of one request. */
  contextTokens: z.int().positive().optional(),
  /** Whether its model sees images. */
  vision: z.boolean().optional(),
});
export type EndpointProbe = z.infer<typeof endpointProbeSchema>;

/** An engine elsewhere as it is spoken to; only between the host and the engine process. */
export const endpointCallSchema = endpointSchema.pick({ url: true, kind: true, model: true }).extend({
  key: z.string().optional(),
  /** Preset that says how the model is asked. */
  preset: shortText.optional(),
  /** A model on this machine whose files say how it is asked, in place of a preset. */
  like: z.object({ modelPath: z.string(), mmprojPath: z.string() }).optional(),
});
export type EndpointCall = z.infer<typeof endpointCallSchema>;

/** An engine elsewhere and whether a key is kept for it. */
export const endpointEntrySchema = z.object({ endpoint: endpointSchema, hasKey: z.boolean() });
export type EndpointEntry = z.infer<typeof endpointEntrySchema>;

/** What a check found: the server's answer, or why there is none. */
export const endpointStatusSchema = z.object({
  id: engineIdSchema,
  probe: endpointProbeSchema.optional(),
  /** Its name of the model that is asked. */
  model: shortText.optional(),
  /** Preset that says how; absent if nobody knows. */
  preset: shortText.optional(),
  problem: errorInfoSchema.optional(),
});
export type EndpointStatus = z.infer<typeof endpointStatusSchema>;

const keySchema = z.string().trim().min(1).max(10_000);

/** Methods on engines elsewhere; see {@link methods}. */
export const endpointMethods = {
  "endpoints.list": { params: z.object({}).strict(), result: z.array(endpointEntrySchema) },
  /** Adds a server; its kind is recognised if it is not given. Errors: those of asking it. */
  "endpoints.add": {
    params: endpointSchema.omit({ id: true }).partial({ name: true, kind: true }).extend({ key: keySchema.optional() }),
    result: endpointEntrySchema,
  },
  /** Changes what is given; null forgets it. */
  "endpoints.update": {
    params: z.object({
      id: engineIdSchema,
      name: shortText.min(1).optional(),
      model: shortText.nullable().optional(),
      preset: shortText.nullable().optional(),
      slots: endpointSchema.shape.slots.unwrap().nullable().optional(),
      sendUnencrypted: z.boolean().optional(),
      key: keySchema.nullable().optional(),
    }),
    result: endpointEntrySchema,
  },
  "endpoints.remove": {
    params: z.object({ id: engineIdSchema }),
    result: z.object({ removed: z.boolean() }),
  },
  /** Asks the server what it is; an answer also if it cannot be reached. */
  "endpoints.check": { params: z.object({ id: engineIdSchema }), result: endpointStatusSchema },
} as const;
