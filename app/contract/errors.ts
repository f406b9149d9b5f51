import { z } from "zod";
import { defined } from "./defined.ts";
import { longText, shortText } from "./text.ts";

/** Codes of all errors that a user can see. Codes are stable; messages and hints may change. */
export const errorCodes = [
  "IMAGE_EMPTY",
  "IMAGE_UNREADABLE",
  "IMAGE_FORMAT",
  "IMAGE_TOO_LARGE",
  "IMAGE_NOT_FOUND",
  "FILE_MISSING",
  "NOT_A_GGUF",
  "GGUF_TRUNCATED",
  "WRONG_ARCHITECTURE",
  "MMPROJ_MISSING",
  "MMPROJ_MISMATCH",
  "MODEL_LOAD_FAILED",
  "MODEL_NOT_FOUND",
  "FILE_EXISTS",
  "HUB_OFFLINE",
  "HUB_NOT_FOUND",
  "HUB_DENIED",
  "HUB_FAILED",
  "DOWNLOAD_CORRUPT",
  "MODE_UNSUPPORTED",
  "CONTEXT_TOO_SMALL",
  "OUT_OF_MEMORY",
  "BACKEND_UNAVAILABLE",
  "NATIVE_MISSING",
  "ENGINE_CRASHED",
  "ENGINE_TIMEOUT",
  "ENDPOINT_UNREACHABLE",
  "ENDPOINT_BUSY",
  "ENDPOINT_FAILED",
  "ENDPOINT_RESIZES",
  "ENDPOINT_NOT_FOUND",
  "ENDPOINT_UNENCRYPTED",
  "CANCELLED",
  "RUN_NOT_FOUND",
  "RUN_FILE_INVALID",
  "STORAGE_FAILED",
  "DISK_FULL",
  "SETTINGS_INVALID",
  "MODELS_INVALID",
  "BAD_REQUEST",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "NOT_FOUND",
  "PAYLOAD_TOO_LARGE",
  "BUSY",
  "INTERNAL",
] as const;

export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/**
 * Present in an error that a later attempt, or another engine, may well not meet: a server that does not answer, is busy or
 * still loads its model.
 */
export const retrySchema = z.object({
  /** ms that the server asks to be left alone (HTTP's Retry-After); absent where it does not say. */
  afterMs: z.number().min(0).optional(),
});
export type Retry = z.infer<typeof retrySchema>;

/** An error as data, in messages, files and HTTP answers: what happened, and what to do about it. */
export const errorInfoSchema = z.object({
  code: errorCodeSchema,
  message: longText,
  hint: shortText.optional(),
  /** Technical detail for logs and "copy diagnostics": exit code, last log lines, zod issues. */
  detail: longText.optional(),
  retry: retrySchema.optional(),
});
export type ErrorInfo = z.infer<typeof errorInfoSchema>;

/** The only class of errors that public functions of Holoscope throw. */
export class HoloscopeError extends Error {
  override readonly name = "HoloscopeError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint?: string,
    readonly detail?: string,
    readonly retry?: Retry,
  ) {
    super(message);
  }

  toInfo(): ErrorInfo {
    return {
      code: this.code,
      message: this.message,
      ...defined({ hint: this.hint, detail: this.detail, retry: this.retry }),
    };
  }

  static fromInfo(info: ErrorInfo): HoloscopeError {
    return new HoloscopeError(info.code, info.message, info.hint, info.detail, info.retry);
  }

  /** Returns a HoloscopeError unchanged; anything else becomes INTERNAL with its stack as detail. */
  static from(error: unknown): HoloscopeError {
    if (error instanceof HoloscopeError) return error;
    if (error instanceof Error) return new HoloscopeError("INTERNAL", error.message, undefined, error.stack);
    return new HoloscopeError("INTERNAL", String(error));
  }
}

/** Parses with a schema and turns a failure into a HoloscopeError that names the first wrong field. */
export function parseOrThrow<T>(schema: z.ZodType<T>, value: unknown, code: ErrorCode, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at "${issue.path.map(String).join(".")}"` : "";
  throw new HoloscopeError(
    code,
    `${what} is not valid${where}: ${issue?.message ?? "unknown problem"}`,
    undefined,
    z.prettifyError(parsed.error),
  );
}
