import { z } from "zod";

/** Every reason for failure that a user can meet. The code is stable; message and hint are for reading. */
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
  "CANCELLED",
  "RUN_NOT_FOUND",
  "RUN_FILE_INVALID",
  "STORAGE_FAILED",
  "DISK_FULL",
  "BAD_REQUEST",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "NOT_FOUND",
  "PAYLOAD_TOO_LARGE",
  "INTERNAL",
] as const;

export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** How an error crosses a process, a file or the network: what happened, and what to do about it. */
export const errorInfoSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  hint: z.string().optional(),
  /** Technical detail for logs and "copy diagnostics": exit code, last log lines, zod issues. */
  detail: z.string().optional(),
});
export type ErrorInfo = z.infer<typeof errorInfoSchema>;

/** The one error class that leaves a public function of Holoscope. */
export class HoloscopeError extends Error {
  override readonly name = "HoloscopeError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint?: string,
    readonly detail?: string,
  ) {
    super(message);
  }

  toInfo(): ErrorInfo {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
    };
  }

  static fromInfo(info: ErrorInfo): HoloscopeError {
    return new HoloscopeError(info.code, info.message, info.hint, info.detail);
  }

  /** Keeps a HoloscopeError as it is; anything else becomes INTERNAL with its stack as detail. */
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
