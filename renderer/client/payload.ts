import type { z } from "zod";
import {
  type CallResult,
  callResultSchema,
  type EventName,
  type EventPayload,
  errorInfoSchema,
  events,
  HoloscopeError,
  type MethodName,
  type MethodResult,
  methods,
  parseOrThrow,
} from "../../app/contract/index.ts";

const mismatchHint = "Window and engine may be of different versions. Restart Holoscope and reload this page.";

/** Parses the answer of a method. Throws INTERNAL, naming the first wrong field. */
export function parseResult<M extends MethodName>(method: M, value: unknown): MethodResult<M> {
  // The table pairs each method with its own schema, which the index type cannot express.
  return parsed(methods[method].result, value, `The answer to "${method}"`) as MethodResult<M>;
}

/** Parses an event's payload. Throws INTERNAL, naming the first wrong field. */
export function parseEvent<E extends EventName>(event: E, payload: unknown): EventPayload<E> {
  return parsed(events[event], payload, `The event "${event}"`) as EventPayload<E>;
}

/** Opens a CallResult: its value, or its error as HoloscopeError. */
export function unwrap(result: CallResult): unknown {
  if (result.ok) return result.value;
  throw HoloscopeError.fromInfo(result.error);
}

/** Opens an HTTP answer: a CallResult, or the server's own `{ error }` for requests that never reached the host. */
export function unwrapHttp(body: unknown, what: string): unknown {
  if (typeof body === "object" && body !== null && !("ok" in body) && "error" in body) {
    const error = errorInfoSchema.safeParse(body.error);
    if (error.success) throw HoloscopeError.fromInfo(error.data);
  }
  return unwrap(parseOrThrow(callResultSchema, body, "INTERNAL", what));
}

function parsed(schema: z.ZodType, value: unknown, what: string): unknown {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const issue = error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at "${issue.path.map(String).join(".")}"` : "";
  throw new HoloscopeError(
    "INTERNAL",
    `${what} could not be read${where}: ${issue?.message ?? "unknown problem"}`,
    mismatchHint,
    error.issues.map((each) => `${each.path.map(String).join(".")}: ${each.message}`).join("\n"),
  );
}
