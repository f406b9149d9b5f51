import { type Finding, findingSchema, severities } from "../../../contract/doctor.ts";
import type { DoctorCase } from "../case.ts";
import { attentionRules } from "./attention.ts";
import { placementRules } from "./placement.ts";
import type { Rule } from "./rule.ts";
import { runRules } from "./run.ts";
import { surroundingRules } from "./surroundings.ts";
import { weightRules } from "./weights.ts";

export const rules: readonly Rule[] = [
  ...placementRules,
  ...weightRules,
  ...attentionRules,
  ...runRules,
  ...surroundingRules,
];

/** What all rules find, the gravest first; each parsed, so that none leaves without its source. */
export function findingsOf(found: DoctorCase): Finding[] {
  return rules
    .flatMap(({ id, look }) => look(found).map((verdict) => findingSchema.parse({ ...verdict, rule: id })))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}
