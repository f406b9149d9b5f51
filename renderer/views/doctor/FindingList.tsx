import { type Finding, jobHasEnded } from "../../../app/contract/index.ts";
import { severityTexts } from "../../../app/presentation/texts.ts";
import { actionText, repairText, sortedFindings } from "../../logic/doctor/doctor-texts.ts";
import { currentImage, repairJob } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { SourceLine } from "./EvidenceList.tsx";
import styles from "./FindingList.module.css";

/** What follows from the evidence, worst first. */
export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <>
      <RepairStatus />
      <ul className={styles.list}>
        {sortedFindings(findings).map((finding) => (
          <FindingCard key={`${finding.rule} ${finding.title}`} finding={finding} />
        ))}
      </ul>
    </>
  );
}

function FindingCard({ finding }: { readonly finding: Finding }) {
  const { severity, title, explanation, remedy, action, source } = finding;
  return (
    <li className={styles.card} data-severity={severity} data-testid="finding" data-rule={finding.rule}>
      <h4 className="subheading">
        <span className={styles.severity}>{severityTexts[severity]}</span> {title}
      </h4>
      {explanation !== undefined && <p>{explanation}</p>}
      {remedy !== undefined && <p>{remedy}</p>}
      <SourceLine source={source} />
      {action !== undefined && <ActionButton action={action} />}
    </li>
  );
}

function ActionButton({ action }: { readonly action: NonNullable<Finding["action"]> }) {
  const { doctor } = useCommands();
  const image = useApp(currentImage);
  const { job, repairId } = useApp((state) => state.doctor);
  const repair = useApp(repairJob);
  const converting = repairId !== undefined && (repair === undefined || !jobHasEnded(repair));
  const blocked =
    action.type === "try" ? job !== undefined || image === undefined : action.type.startsWith("convert") && converting;
  return (
    <Button
      className={styles.action}
      disabled={blocked}
      title={action.type === "try" && image === undefined ? "Open a screenshot first." : undefined}
      data-testid="finding-action"
      onClick={() => void doctor.act(action)}
    >
      {actionText(action)}
    </Button>
  );
}

function RepairStatus() {
  const repair = useApp(repairJob);
  if (repair === undefined) return null;
  return (
    <p role="status" className={styles.repair} data-testid="repair-status">
      {repairText(repair)}
    </p>
  );
}
