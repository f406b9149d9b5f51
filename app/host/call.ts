import type { z } from "zod";
import {
  type MethodName,
  type MethodParams,
  type MethodResult,
  methodNames,
  methods,
  type ParsedParams,
} from "../contract/api.ts";
import { HoloscopeError, parseOrThrow } from "../contract/errors.ts";

/** One handler for every method of the contract; the compiler refuses a map that lacks one. */
export type Handlers = {
  readonly [M in MethodName]: (params: ParsedParams<M>) => Promise<MethodResult<M>> | MethodResult<M>;
};

/** Calls a method by name: parses its params with the contract's schema. Rejects with HoloscopeError only. */
export type Call = <M extends MethodName>(method: M, params: MethodParams<M>) => Promise<MethodResult<M>>;

export function makeCall(handlers: Handlers): Call {
  return async (method, params) => {
    try {
      if (!methodNames.includes(method)) {
        throw new HoloscopeError("BAD_REQUEST", `There is no method "${String(method).slice(0, 100)}".`);
      }
      return await handle(handlers, method, params);
    } catch (error) {
      throw HoloscopeError.from(error);
    }
  };
}

function handle<M extends MethodName>(handlers: Handlers, method: M, params: unknown) {
  const schema: z.ZodType = methods[method].params;
  // The schema's output is what ParsedParams is defined as; the compiler cannot follow it through the generic.
  const parsed = parseOrThrow(schema, params, "BAD_REQUEST", `The request "${method}"`) as ParsedParams<M>;
  return handlers[method](parsed);
}
