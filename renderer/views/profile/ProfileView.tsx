import type { OpProfile } from "../../../app/contract/index.ts";
import { catalogue } from "../../model/commands/catalogue.ts";
import { formatMs, formatShare } from "../../model/format.ts";
import { phaseTexts } from "../../model/names.ts";
import { profileCatalogue } from "../../model/op-profile/catalogue.ts";
import { provenance } from "../../model/provenance.ts";
import type { RunView } from "../../model/run-view.ts";
import { profileRequestNow } from "../../store/profile-request.ts";
import { currentActiveRun, currentImage, shownRun } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Blank } from "../../ui/Blank.tsx";
import { Button } from "../../ui/Button.tsx";
import { WideView } from "../app/WideView.tsx";
import styles from "./ProfileView.module.css";
import { SlowestNodes } from "./SlowestNodes.tsx";
import { StageBars } from "./StageBars.tsx";
import { StageDetails } from "./StageDetails.tsx";

/** Where the time of the shown run goes, operator by operator. */
export default function ProfileView() {
  const commands = useCommands();
  const image = useApp(currentImage);
  const run = useApp(shownRun);
  const active = useApp(currentActiveRun);
  const possible = useApp((state) => image !== undefined && profileRequestNow(state, image.id) !== undefined);
  const blocked =
    image === undefined
      ? "Open a screenshot first."
      : active !== undefined
        ? "A detection is running."
        : possible
          ? undefined
          : "The present choices allow no detection.";
  const start = () => {
    if (image !== undefined && blocked === undefined) void commands.detect(image.id, { profiled: true });
  };
  useRegisteredCommands([
    { ...profileCatalogue.run, blocked, run: start },
    {
      ...catalogue.cancel,
      blocked: active === undefined ? "Nothing is running." : undefined,
      run: () => active !== undefined && void commands.cancel(active.id),
    },
  ]);
  const profile = run?.record?.opProfile;
  return (
    <WideView
      title="Operator profile"
      about={<p>{image?.name ?? (image === undefined ? "" : "pasted image")}</p>}
      actions={
        <>
          {active !== undefined && (
            <>
              <p role="status" data-testid="profile-progress">
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
            data-testid="profile-run"
            onClick={start}
          >
            Profile this run
          </Button>
        </>
      }
      closeLabel="Close the profile"
      head="ruled"
      testId="profile"
    >
      {profile === undefined ? (
        <Unprofiled run={run} opened={image !== undefined} />
      ) : (
        <Body run={run} profile={profile} />
      )}
    </WideView>
  );
}

function Body({ run, profile }: { readonly run: RunView | undefined; readonly profile: OpProfile }) {
  const record = run?.record;
  return (
    // The region scrolls, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region without this cannot be scrolled by keyboard.
    <section className={styles.body} aria-label="Profile of the run" tabIndex={0}>
      <p className={styles.method} data-testid="profile-method">
        Shares come from a second pass of {formatMs(profile.passMs)} in which the engine waits after each node; its
        times are no speed. Times in bold are those of the unprofiled run; “about” marks a share of them.
        {profile.sameAnswer ? "" : " The profiled pass wrote other tokens than the run: compare shares with care."}
      </p>
      <StageBars stages={profile.stages} />
      <StageDetails stages={profile.stages} />
      <SlowestNodes profile={profile} />
      {record !== undefined && <p className={styles.source}>{provenance(record)}</p>}
    </section>
  );
}

function Unprofiled({ run, opened }: { readonly run: RunView | undefined; readonly opened: boolean }) {
  const failed = run?.record?.warnings.find(({ code }) => code === "PROFILE_FAILED");
  return (
    <Blank testId="profile-empty">
      <h3>{failed === undefined ? "This run is not profiled" : "The run could not be profiled"}</h3>
      {failed !== undefined && <p>{failed.message}</p>}
      <p>
        The stage times say that encoding took long. The profile says why: which operators ran in encode, prefill and
        generate, how much of it was attention and how much FFN, in which layers, on which device.
      </p>
      <p>
        {opened
          ? "“Profile this run” detects once more and adds a slower second pass that waits after every operator. The run's own times stay true."
          : "Open a screenshot or drop a run file first; a run that was profiled elsewhere shows its profile here."}
      </p>
    </Blank>
  );
}
