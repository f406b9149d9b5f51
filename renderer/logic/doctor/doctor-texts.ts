import {
  type Evidence,
  type EvidenceTopic,
  evidenceTopics,
  type Finding,
  type FindingAction,
  type ModelJob,
  severities,
  type TryRow,
} from "../../../app/contract/index.ts";
import { formatBytes, formatShare } from "../../../app/presentation/numbers.ts";
import { backendNames, severityTexts } from "../../../app/presentation/texts.ts";

/** Worst first; findings of one severity keep their order. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** "1 problem, 2 warnings, 3 fine"; what does not occur is left out. */
export function verdictText(findings: readonly Finding[]): string {
  const parts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count === 0) return [];
    const noun = severityTexts[severity].toLowerCase();
    const many = count > 1 && (severity === "problem" || severity === "warning");
    return [`${count} ${noun}${many ? "s" : ""}`];
  });
  return parts.length === 0 ? "Nothing was found" : parts.join(", ");
}

/** Topics that have evidence, in the order of looking. */
export function evidenceByTopic(
  evidence: readonly Evidence[],
): readonly { readonly topic: EvidenceTopic; readonly facts: readonly Evidence[] }[] {
  return evidenceTopics
    .map((topic) => ({ topic, facts: evidence.filter((fact) => fact.topic === topic) }))
    .filter(({ facts }) => facts.length > 0);
}

/** What the button of a finding's action says. */
export function actionText(action: FindingAction): string {
  switch (action.type) {
    case "convert-mmproj":
      return `Convert the mmproj to ${action.to}`;
    case "convert-model":
      return `Convert the model to ${action.to}`;
    case "change-settings":
      return "Change the settings";
    case "change-backend":
      return `Use ${backendNames[action.backend]}`;
    case "try":
      return "Try remedies";
  }
}

/** State of a conversion in one line. */
export function repairText({ title, state, bytesDone, bytesTotal, entry, error }: ModelJob): string {
  switch (state) {
    case "done":
      return `${title}: done${entry === undefined ? "" : `. Added as “${entry.name}”`}`;
    case "failed":
      return `${title}: ${error?.message ?? "failed"} ${error?.hint ?? ""}`.trim();
    case "cancelled":
      return `${title}: cancelled`;
    case "waiting":
      return `${title}: waiting for another job`;
    default: {
      const what = state === "verifying" ? "reading back" : "converting";
      return `${title}: ${what}, ${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`;
    }
  }
}

/** "F1 0.92, 36 of 40 boxes": how far the boxes are the baseline's. */
export function agreementText({ agreement }: TryRow): string {
  if (agreement === undefined) return "–";
  const { matched, baseline, found, f1 } = agreement;
  return `${f1.toFixed(2)} (${matched} of ${baseline} kept, ${found} found)`;
}

/** Whether a row is faster at the price of other boxes: what a reader must not miss. */
export function losesBoxes({ agreement }: TryRow): boolean {
  return agreement !== undefined && agreement.f1 < 0.95;
}

/** Of a long step: "loading the model, 40.0 %". */
export function stepText(step: string, fraction: number | undefined): string {
  return fraction === undefined ? `${step}…` : `${step}, ${formatShare(fraction)}`;
}
