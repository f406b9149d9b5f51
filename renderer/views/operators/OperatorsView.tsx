import type { OperatorTimes } from "../../../app/contract/index.ts";
import { formatMs, formatShare } from "../../../app/presentation/numbers.ts";
import { phaseTexts } from "../../../app/presentation/texts.ts";
import { catalogue, viewCatalogue } from "../../logic/commands/catalogue.ts";
import { provenance } from "../../logic/provenance.ts";
import type { RunView } from "../../logic/run-view.ts";
import { operatorsRequestNow } from "../../store/detect-request.ts";
import { currentActiveRun, currentImage, shownRun } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Blank } from "../../ui/Blank.tsx";
import { Button } from "../../ui/Button.tsx";
import { ScrollRegion } from "../../ui/ScrollRegion.tsx";
import { WideView } from "../app/WideView.tsx";
import styles from "./OperatorsView.module.css";
import { SlowestNodes } from "./SlowestNodes.tsx";
import { StageBars } from "./StageBars.tsx";
import { StageDetails } from "./StageDetails.tsx";

/** Where the time of the shown run goes, operator by operator. */
export default function OperatorsView() {
  const commands = useCommands();
  const image = useApp(currentImage);
  const run = useApp(shownRun);
  const active = useApp(currentActiveRun);
  const possible = useApp((state) => image !== undefined && operatorsRequestNow(state, image.id) !== undefined);
  const blocked =
    image === undefined
      ? "Open a screenshot first."
      : active !== undefined
        ? "A detection is running."
        : possible
          ? undefined
          : "The present choices allow no detection.";
  const start = () => {
    if (image !== undefined && blocked === undefined) void commands.detect(image.id, { operators: true });
  };
  useRegisteredCommands([
    { ...viewCatalogue.profile, blocked, run: start },
    {
      ...catalogue.cancel,
      blocked: active === undefined ? "Nothing is running." : undefined,
      run: () => active !== undefined && void commands.cancel(active.id),
    },
  ]);
  const times = run?.record?.opProfile;
  return (
    <WideView
      title="Operator profile"
      about={<p>{image?.name ?? (image === undefined ? "" : "pasted image")}</p>}
      actions={
        <>
          {active !== undefined && (
            <>
              <p role="status" data-testid="operators-progress">
                {phaseTexts[active.phase]}
                {active.fraction === undefined ? "…" : ` ${formatShare(active.fraction)}`}
              </p>
              <Button look="danger" onClick={() => void commands.cancel(active.id)}>
                Cancel
              </Button>
            </>
          )}
          <Button
            look="primary"
            aria-disabled={blocked !== undefined}
            title={blocked}
            data-testid="operators-run"
            onClick={start}
          >
            Profile this run
          </Button>
        </>
      }
      closeLabel="Close the profile"
      head="ruled"
      testId="operators"
    >
      {times === undefined ? <NoTimes run={run} opened={image !== undefined} /> : <Body run={run} times={times} />}
    </WideView>
  );
}

function Body({ run, times }: { readonly run: RunView | undefined; readonly times: OperatorTimes }) {
  const record = run?.record;
  return (
    <ScrollRegion className={styles.body} label="Profile of the run">
      <p className="note" data-testid="operators-method">
        Shares come from a second pass of {formatMs(times.passMs)} in which the engine waits after each node, so that
        its times say nothing about speed. Times in bold are those of the unprofiled run; “about” marks a share of them.
        {times.sameAnswer ? "" : " The profiled pass wrote other tokens than the run: compare shares with care."}
      </p>
      <StageBars stages={times.stages} />
      <StageDetails stages={times.stages} />
      <SlowestNodes times={times} />
      {record !== undefined && <p className="note">{provenance(record)}</p>}
    </ScrollRegion>
  );
}

function NoTimes({ run, opened }: { readonly run: RunView | undefined; readonly opened: boolean }) {
  const failed = run?.record?.warnings.find(({ code }) => code === "PROFILE_FAILED");
  return (
    <Blank testId="operators-empty">
      <h3>{failed === undefined ? "This run is not profiled" : "The run could not be profiled"}</h3>
      {failed !== undefined && <p>{failed.message}</p>}
      <p>
        The stage times say that encoding took long. The profile says why: which operators ran in encode, prefill and
        generate, how much of it was attention and how much FFN, in which layers, on which device.
      </p>
      <p>
        {opened
          ? "“Profile this run” detects once more and adds a slower second pass that waits after every operator. The run's own times stay as measured."
          : "Open a screenshot or drop a run file first; a run that was profiled elsewhere shows its profile here."}
      </p>
    </Blank>
  );
}
