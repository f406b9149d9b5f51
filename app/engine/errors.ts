import { NativeError, type NativeErrorCode } from "../../native/index.ts";
import { type ErrorCode, HoloscopeError } from "../contract/index.ts";

/** What each native failure is called in the contract, and what a user can do about it. */
const translations: Readonly<Record<NativeErrorCode, { readonly code: ErrorCode; readonly hint: string }>> = {
  NATIVE_MISSING: {
    code: "NATIVE_MISSING",
    hint: "Choose another backend, install the missing driver, or build the addon again with `npm run build:native`.",
  },
  NO_DEVICE: {
    code: "BACKEND_UNAVAILABLE",
    hint: 'Install or update the graphics driver, or choose the backend "auto" or "cpu".',
  },
  FILE_MISSING: { code: "FILE_MISSING", hint: "Check that the model files still exist and that you may read them." },
  NOT_A_GGUF: { code: "NOT_A_GGUF", hint: "Choose a .gguf file; if it was downloaded, download it again." },
  GGUF_TRUNCATED: { code: "GGUF_TRUNCATED", hint: "The download is incomplete: download the file again." },
  WRONG_ARCHITECTURE: {
    code: "WRONG_ARCHITECTURE",
    hint: "Use a Qwen2.5-VL or Qwen3-VL model (Holo1.5, Holo2, the bundled detector) with its own mmproj.",
  },
  MMPROJ_MISMATCH: {
    code: "MMPROJ_MISMATCH",
    hint: "Use the mmproj file that was published together with this model.",
  },
  MODEL_LOAD_FAILED: {
    code: "MODEL_LOAD_FAILED",
    hint: "Download the files again; if they are whole, this llama.cpp release may be too old for the model.",
  },
  CONTEXT_TOO_SMALL: {
    code: "CONTEXT_TOO_SMALL",
    hint: "Raise contextTokens (0 takes what is needed), or lower maxImageTokens.",
  },
  OUT_OF_MEMORY: {
    code: "OUT_OF_MEMORY",
    hint: "Lower maxImageTokens or gpuLayers, choose a smaller model or quantisation, or close other programs.",
  },
  BAD_GRAMMAR: { code: "INTERNAL", hint: "This is a fault in Holoscope: please report it with the diagnostics." },
  BAD_ARGUMENT: { code: "INTERNAL", hint: "This is a fault in Holoscope: please report it with the diagnostics." },
  CANCELLED: { code: "CANCELLED", hint: "Start the detection again when you want it." },
  DECODE_FAILED: {
    code: "INTERNAL",
    hint: "Try again; if it happens again, try the cpu backend or a smaller maxImageTokens, and look at the diagnostics.",
  },
  BUSY: { code: "INTERNAL", hint: "Wait until the running detection has ended." },
  FREED: { code: "INTERNAL", hint: "Try again: the model is loaded anew." },
};

/** Anything thrown in the engine as the error that the host is told; the native code stays in `detail`. */
export function toHoloscopeError(error: unknown): HoloscopeError {
  if (error instanceof NativeError) {
    const { code, hint } = translations[error.code];
    return new HoloscopeError(code, error.message, hint, `native: ${error.code}`);
  }
  return HoloscopeError.from(error);
}

export function cancelled(): HoloscopeError {
  return new HoloscopeError("CANCELLED", "The detection was cancelled.", translations.CANCELLED.hint);
}

/** Throws CANCELLED once the signal has fired. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}
