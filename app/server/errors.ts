import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type ErrorCode, HoloscopeError } from "../contract/index.ts";

/** HTTP status of every error code. 4xx: the request must change; 5xx: the machine or the engine could not do it. */
export const errorStatus: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  IMAGE_EMPTY: 422,
  IMAGE_UNREADABLE: 422,
  IMAGE_FORMAT: 415,
  IMAGE_TOO_LARGE: 413,
  IMAGE_NOT_FOUND: 404,
  FILE_MISSING: 404,
  NOT_A_GGUF: 422,
  GGUF_TRUNCATED: 422,
  WRONG_ARCHITECTURE: 422,
  MMPROJ_MISSING: 422,
  MMPROJ_MISMATCH: 422,
  MODEL_LOAD_FAILED: 500,
  MODEL_NOT_FOUND: 404,
  FILE_EXISTS: 409,
  HUB_OFFLINE: 503,
  HUB_NOT_FOUND: 404,
  HUB_DENIED: 502,
  HUB_FAILED: 502,
  DOWNLOAD_CORRUPT: 502,
  MODE_UNSUPPORTED: 422,
  CONTEXT_TOO_SMALL: 422,
  OUT_OF_MEMORY: 503,
  BACKEND_UNAVAILABLE: 503,
  NATIVE_MISSING: 503,
  ENGINE_CRASHED: 500,
  ENGINE_TIMEOUT: 504,
  ENDPOINT_UNREACHABLE: 502,
  ENDPOINT_BUSY: 503,
  ENDPOINT_FAILED: 502,
  ENDPOINT_RESIZES: 422,
  ENDPOINT_NOT_FOUND: 404,
  ENDPOINT_UNENCRYPTED: 403,
  CANCELLED: 409,
  RUN_NOT_FOUND: 404,
  RUN_FILE_INVALID: 422,
  STORAGE_FAILED: 500,
  SETTINGS_INVALID: 500,
  MODELS_INVALID: 500,
  DISK_FULL: 507,
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  PAYLOAD_TOO_LARGE: 413,
  BUSY: 503,
  INTERNAL: 500,
};

/** When a client that was refused for lack of room may ask again, in seconds. */
export const retryAfterSeconds = "2";

/**
 * The one shape of every failed answer: `{ "ok": false, "error": { code, message, hint? } }`, which is also the failed
 * form of the contract's CallResult. The detail of an internal error contains a stack trace and is not sent.
 */
export function errorResponse(error: unknown, status?: ContentfulStatusCode): Response {
  const { detail, ...info } = HoloscopeError.from(error).toInfo();
  const shown = info.code === "INTERNAL" || detail === undefined ? info : { ...info, detail };
  return Response.json(
    { ok: false, error: shown },
    {
      status: status ?? errorStatus[info.code],
      headers: {
        "Cache-Control": "no-store",
        ...(info.code === "UNAUTHORIZED" ? { "WWW-Authenticate": 'Bearer realm="holoscope"' } : {}),
        ...(info.code === "BUSY" ? { "Retry-After": retryAfterSeconds } : {}),
      },
    },
  );
}
