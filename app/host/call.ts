import type { z } from "zod";
import {
  HoloscopeError,
  type MethodName,
  type MethodResult,
  methods,
  type ParsedParams,
  parseOrThrow,
} from "../contract/index.ts";

/** One handler for every method of the contract; the compiler refuses a map that lacks one. */
export type Handlers = {
  readonly [M in MethodName]: (params: ParsedParams<M>) => Promise<MethodResult<M>> | MethodResult<M>;
};

/**
 * Checks a call: that there is such a method, and its params with the method's schema, which fills in defaults. Every
 * door hands its calls in as they came, so this is the one place where params are parsed. Throws BAD_REQUEST.
 */
export function parseCall(method: unknown, params: unknown): { readonly method: MethodName; readonly params: unknown } {
  if (!isMethod(method)) {
    throw new HoloscopeError("BAD_REQUEST", `There is no method "${String(method).slice(0, 100)}".`);
  }
  const schema: z.ZodType = methods[method].params;
  return { method, params: parseOrThrow(schema, params, "BAD_REQUEST", `The request "${method}"`) };
}

function isMethod(name: unknown): name is MethodName {
  return typeof name === "string" && Object.hasOwn(methods, name);
}

/** Parses a call and hands it to its handler. Rejects with HoloscopeError only. */
export async function dispatch(handlers: Handlers, name: unknown, given: unknown): Promise<unknown> {
  try {
    const { method, params } = parseCall(name, given);
    // What the method's schema returned is what its handler takes; the compiler cannot follow that through the table.
    return await handlers[method](params as never);
  } catch (error) {
    throw HoloscopeError.from(error);
  }
}
