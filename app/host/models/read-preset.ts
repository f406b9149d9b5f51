import type { z } from "zod";
import { HoloscopeError, isPresetId, type OwnPreset, ownPresetSchema } from "../../contract/index.ts";

/** Problems that one message names. */
const mostNamed = 4;
const hint = "resources/docs/presets.md describes the file; holoscope models presets show gta1 prints an example.";

/**
 * A user's preset from the text of its file. Throws PRESET_INVALID, which says what is wrong at which place of the file.
 * @param file its name, for messages
 */
export function readPreset(text: string, file?: string): OwnPreset {
  const what = file === undefined ? "The preset" : `The preset "${file}"`;
  const parsed = ownPresetSchema.safeParse(jsonOf(text, what));
  if (!parsed.success) {
    const said = parsed.error.issues.slice(0, mostNamed).map(describe);
    const rest = parsed.error.issues.length - said.length;
    throw new HoloscopeError(
      "PRESET_INVALID",
      `${what} is not valid. ${said.join(" ")}${rest > 0 ? ` And ${rest} more.` : ""}`,
      hint,
    );
  }
  const { id } = parsed.data;
  if (!isPresetId(id)) return parsed.data;
  throw new HoloscopeError(
    "PRESET_INVALID",
    `${what} has the id ${id}, which is that of one of Holoscope's own.`,
    "Give it another id.",
  );
}

function describe({ path, message }: z.core.$ZodIssue): string {
  const place = path.length === 0 ? "the top" : path.map(String).join(".");
  return `At ${place}: ${message}${/[.!?]$/.test(message) ? "" : "."}`;
}

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const at = /position (\d{1,9})/.exec(said)?.[1];
    const lines = text.slice(0, Number(at ?? 0)).split("\n");
    const where = at === undefined ? "" : ` in line ${lines.length}, character ${(lines.at(-1) ?? "").length + 1}`;
    throw new HoloscopeError("PRESET_INVALID", `${what} is no JSON${where}.`, hint, said);
  }
}
