import { NativeError, type NativeErrorCode } from "../../native/index.ts";
import { type ErrorCode, HoloscopeError } from "../contract/index.ts";

const fault = "This is a fault in Holoscope: please report it with the diagnostics.";

/** What each native failure is called in the contract, and what a user can do about it. */
const translations: Readonly<Record<NativeErrorCode, readonly [code: ErrorCode, hint: string]>> = {
  NATIVE_MISSING: [
    "NATIVE_MISSING",
    "Choose another backend, install the missing driver, or build the addon again with `npm run build:native`.",
  ],
  NO_DEVICE: ["BACKEND_UNAVAILABLE", 'Install or update the graphics driver, or choose the backend "auto" or "cpu".'],
  WRONG_ARCHITECTURE: [
    "WRONG_ARCHITECTURE",
    "Use a Qwen2.5-VL or Qwen3-VL model (Holo1.5, Holo2, the bundled detector) with its own mmproj.",
  ],
  MMPROJ_MISMATCH: ["MMPROJ_MISMATCH", "Use the mmproj file that was published together with this model."],
  MODEL_LOAD_FAILED: [
    "MODEL_LOAD_FAILED",
    "This file is damaged or not for this engine: download it again; if it is whole, this llama.cpp release may be too old for it.",
  ],
  CONTEXT_TOO_SMALL: ["CONTEXT_TOO_SMALL", "Raise contextTokens (0 takes what is needed), or lower maxImageTokens."],
  OUT_OF_MEMORY: [
    "OUT_OF_MEMORY",
    "Lower maxImageTokens or gpuLayers, choose a smaller model or quantisation, or close other programs.",
  ],
  BAD_GRAMMAR: ["INTERNAL", fault],
  BAD_ARGUMENT: ["INTERNAL", fault],
  CANCELLED: ["CANCELLED", "Start the detection again when you want it."],
  DECODE_FAILED: [
    "INTERNAL",
    "Try again; if it happens again, try the cpu backend or a smaller maxImageTokens, and look at the diagnostics.",
  ],
  BUSY: ["INTERNAL", "Wait until the running detection has ended."],
  FREED: ["INTERNAL", "Try again: the model is loaded anew."],
};

/** Anything thrown in the engine as the error that the host is told; the native code stays in `detail`. */
export function toHoloscopeError(error: unknown): HoloscopeError {
  if (!(error instanceof NativeError)) return HoloscopeError.from(error);
  const [code, hint] = translations[error.code];
  return new HoloscopeError(code, error.message, hint, `native: ${error.code}`);
}

/** Throws CANCELLED once the signal has fired. */
export function throwIfCancelled(signal: AbortSignal): void {
  const [code, hint] = translations.CANCELLED;
  if (signal.aborted) throw new HoloscopeError(code, "The detection was cancelled.", hint);
}
