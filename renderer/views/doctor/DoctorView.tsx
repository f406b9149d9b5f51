import type { DoctorReport } from "../../../app/contract/index.ts";
import { formatDateTime } from "../../../app/presentation/numbers.ts";
import { viewCatalogue } from "../../logic/commands/catalogue.ts";
import { stepText, verdictText } from "../../logic/doctor/doctor-texts.ts";
import { currentImage } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Blank } from "../../ui/Blank.tsx";
import { Button } from "../../ui/Button.tsx";
import { ScrollRegion } from "../../ui/ScrollRegion.tsx";
import { WideView } from "../app/WideView.tsx";
import { CopyDiagnostics } from "./CopyDiagnostics.tsx";
import styles from "./DoctorView.module.css";
import { EvidenceList } from "./EvidenceList.tsx";
import { EvidenceTables } from "./EvidenceTables.tsx";
import { FindingList } from "./FindingList.tsx";
import { TryPanel } from "./TryPanel.tsx";

/** Why a detection takes as long as it does here: evidence first, findings second, then what helps. */
export default function DoctorView() {
  const commands = useCommands();
  const { report, job, rows } = useApp((state) => state.doctor);
  const image = useApp(currentImage);
  const busy = job === undefined ? undefined : "The doctor is at work.";
  const noTry = image === undefined ? "Open a screenshot first." : busy;
  useRegisteredCommands([
    { ...viewCatalogue.examine, blocked: busy, run: () => void commands.doctor.run() },
    { ...viewCatalogue.tryRemedies, blocked: noTry, run: () => void commands.doctor.try() },
  ]);
  return (
    <WideView
      title="Doctor"
      about={<p>{report === undefined ? "" : aboutText(report)}</p>}
      actions={
        <>
          {job !== undefined && (
            <>
              <p role="status" data-testid="doctor-progress">
                {stepText(job.step, job.fraction)}
              </p>
              <Button look="danger" data-testid="doctor-cancel" onClick={() => void commands.doctor.cancel()}>
                Cancel
              </Button>
            </>
          )}
          <CopyDiagnostics />
          <Button
            look="primary"
            disabled={busy !== undefined}
            data-testid="doctor-run"
            onClick={() => void commands.doctor.run()}
          >
            {report === undefined ? "Examine" : "Examine again"}
          </Button>
        </>
      }
      closeLabel="Close the doctor"
      head="ruled"
      testId="doctor"
    >
      {report === undefined && rows.length === 0 && job?.kind !== "try" ? (
        <Beginning />
      ) : (
        <ScrollRegion className={styles.body} label="Report">
          {report !== undefined && <Report report={report} />}
          <TryPanel blocked={noTry} />
        </ScrollRegion>
      )}
    </WideView>
  );
}

function Report({ report }: { readonly report: DoctorReport }) {
  return (
    <div className={styles.columns}>
      <section className={styles.column} aria-labelledby="doctor-evidence">
        <h3 id="doctor-evidence" className="heading">
          Evidence
        </h3>
        <EvidenceList evidence={report.evidence} />
        <EvidenceTables report={report} />
      </section>
      <section className={styles.column} aria-labelledby="doctor-findings">
        <h3 id="doctor-findings" className="heading">
          Findings
        </h3>
        <p className={styles.verdict} data-testid="doctor-verdict">
          {verdictText(report.findings)}
        </p>
        <FindingList findings={report.findings} />
        {report.gaps.length > 0 && (
          <ul className={styles.gaps}>
            {report.gaps.map(({ what, error }) => (
              <li key={what}>
                Not looked at: {what}. {error.message} {error.hint}
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function aboutText({ model, machine, createdAt }: DoctorReport): string {
  return [model?.name, machine.name, formatDateTime(createdAt)].filter((text) => text !== undefined).join(" · ");
}

function Beginning() {
  const { doctor } = useCommands();
  const image = useApp(currentImage);
  const busy = useApp((state) => state.doctor.job !== undefined);
  return (
    <Blank testId="doctor-empty">
      <h3>Why is it slow here?</h3>
      <p>
        “Examine” reads the machine, its backends and the headers of the chosen model, loads the model and detects once.
        It then shows what it saw, each fact with its source, and what follows from it: for example whether skipped
        kernels cost anything, or which layers are not on the GPU.
      </p>
      <p>
        “Try remedies” measures them instead of guessing: fewer image tokens, windowed and flash attention, micro-batch
        and mmproj type, each against the present choices, in time and in how far the boxes stay the same. It takes
        minutes.
      </p>
      <Button
        disabled={busy || image === undefined}
        title={image === undefined ? "Open a screenshot first." : undefined}
        onClick={() => void doctor.try()}
      >
        Try remedies
      </Button>
    </Blank>
  );
}
