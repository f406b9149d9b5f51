import type { Outcome } from "../../store/truth-slice.ts";

export const outcomeTexts: Readonly<Record<Outcome, { readonly name: string; readonly meaning: string }>> = {
  matched: { name: "Matched", meaning: "found and known: solid, the known box as a thin line" },
  missed: { name: "Missed", meaning: "known but not found: dashed" },
  extra: { name: "Extra", meaning: "found but not known, or found twice: dotted" },
};
