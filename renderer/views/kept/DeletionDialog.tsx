import { formatCount, plural } from "../../../app/presentation/numbers.ts";
import type { DeletionQuestion } from "../../store/kept-slice.ts";
import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import styles from "./Kept.module.css";
import { KeptTable } from "./KeptTable.tsx";

/** Names written out; the others are counted. */
const namesShown = 5;

/** Asks before something is deleted for good: only its own button does it. */
export default function DeletionDialog({ question }: { readonly question: DeletionQuestion }) {
  const { kept } = useCommands();
  return (
    <Dialog
      open
      size="small"
      onOpenChange={() => kept.dismiss()}
      title={titleOf(question)}
      description="This cannot be undone."
      testId="deletion-dialog"
    >
      <div className={styles.body}>
        {question.kind === "all" ? <Everything {...question} /> : <Images {...question} />}
        <div className={styles.answers}>
          <Button data-testid="deletion-cancel" onClick={() => kept.dismiss()}>
            Cancel
          </Button>
          <Button look="danger" data-testid="deletion-confirm" onClick={() => void kept.confirm()}>
            {question.kind === "all" ? "Delete all" : "Delete"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function titleOf(question: DeletionQuestion): string {
  if (question.kind === "all") return "Delete all screenshots and runs?";
  const count = question.images.length;
  return count === 1 ? "Delete this screenshot and its runs?" : `Delete ${plural(count, "screenshot")} and their runs?`;
}

function Everything({ kept }: Extract<DeletionQuestion, { kind: "all" }>) {
  return (
    <>
      <KeptTable kept={kept} />
      <p className="soft">Detections are cancelled; settings and models stay.</p>
    </>
  );
}

function Images({ images, runs, selected }: Extract<DeletionQuestion, { kind: "images" }>) {
  const more = images.length - namesShown;
  const alsoOthers = selected !== undefined && selected < runs;
  return (
    <dl className={styles.facts}>
      <dt>{images.length === 1 ? "Screenshot" : "Screenshots"}</dt>
      <dd>
        <ul>
          {images.slice(0, namesShown).map(({ id, name }) => (
            <li key={id}>{name ?? "Pasted image"}</li>
          ))}
          {more > 0 && <li>and {formatCount(more)} more</li>}
        </ul>
      </dd>
      <dt>Runs</dt>
      <dd>
        {formatCount(runs)}
        {alsoOthers && `, not only the ${formatCount(selected)} selected`}
      </dd>
      <dt>With them</dt>
      <dd>names, tags, notes and ground truth</dd>
    </dl>
  );
}
