import { type Finding, severities } from "../../../contract/index.ts";
import type { DoctorCase } from "../case.ts";
import { attentionRules } from "./attention.ts";
import { placementRules } from "./placement.ts";
import { promptRules } from "./prompt.ts";
import type { Rules } from "./rule.ts";
import { runRules } from "./run.ts";
import { surroundingRules } from "./surroundings.ts";
import { weightRules } from "./weights.ts";

export const rules: Rules = {
  ...placementRules,
  ...weightRules,
  ...attentionRules,
  ...runRules,
  ...surroundingRules,
  ...promptRules,
};

/** What all rules find, the gravest first. */
export function findingsOf(found: DoctorCase): Finding[] {
  return Object.entries(rules)
    .flatMap(([rule, look]) =>
      [look(found) ?? []].flat().map((verdict) => ({ ...verdict, rule, evidence: [...(verdict.evidence ?? [])] })),
    )
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}
