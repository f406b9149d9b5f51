import { type KeyboardEvent, useId, useState } from "react";
import { annotationLimits, type RunSummary, stageNames } from "../../../app/contract/index.ts";
import { formatCount, formatDateTime, formatMs } from "../../../app/presentation/numbers.ts";
import { backendName, focusTexts, profileTexts, stageTexts } from "../../../app/presentation/texts.ts";
import { runTitle } from "../../logic/library/filter.ts";
import { activeLibraryRun } from "../../store/library-slice.ts";
import { useApp, useCommands, useImageUrl } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./LibraryDetails.module.css";

/** The active run: its picture and figures, and what the user writes beside it. */
export function LibraryDetails() {
  const run = useApp((state) => activeLibraryRun(state.library));
  if (run === undefined) {
    return (
      <aside className={styles.panel} aria-label="Run details">
        <p className="soft">
          Click a run to see it. Arrow keys move, <kbd>Space</kbd> selects, <kbd>Enter</kbd> opens, <kbd>Delete</kbd>{" "}
          deletes.
        </p>
      </aside>
    );
  }
  return <Details key={run.id} run={run} />;
}

function Details({ run }: { readonly run: RunSummary }) {
  const { library } = useCommands();
  const url = useImageUrl(run.imageId);
  const [missing, setMissing] = useState(false);
  return (
    <aside className={styles.panel} aria-label="Run details" data-testid="library-details">
      {missing ? (
        <p className={styles.missing}>The image is not on this machine. Boxes and times are.</p>
      ) : (
        <img className="thumbnail" src={url} alt="" onError={() => setMissing(true)} />
      )}
      <Button look="primary" data-testid="library-open" onClick={() => void library.show(run.id)}>
        Open
      </Button>
      <Field
        label="Name"
        value={run.name ?? ""}
        placeholder={runTitle(run)}
        maxLength={annotationLimits.nameLength}
        onSave={(name) => void library.annotate(run.id, { name })}
      />
      <Tags run={run} />
      <Field
        label="Note"
        value={run.note ?? ""}
        placeholder="What was tried, what was seen"
        maxLength={annotationLimits.noteLength}
        lines={4}
        onSave={(note) => void library.annotate(run.id, { note })}
      />
      <dl className={styles.facts}>
        {facts(run).map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

function facts(run: RunSummary): readonly (readonly [string, string])[] {
  const tokens = run.tokens;
  return [
    ["Made", formatDateTime(run.createdAt)],
    ["Image", run.imageName ?? "unnamed"],
    ["Model", run.modelName],
    ["Backend", run.backend === undefined ? "none" : backendName(run.backend)],
    ["Machine", run.machineName],
    ["Profile", profileTexts[run.profile]],
    ...(run.focus === undefined ? [] : [["Focus", focusTexts[run.focus]] as const]),
    ...(tokens === undefined
      ? []
      : [["Tokens", `${formatCount(tokens.image)} image, ${formatCount(tokens.generated)} generated`] as const]),
    ...stageNames.flatMap((stage): readonly (readonly [string, string])[] => {
      const ms = run.stages[stage];
      if (ms === undefined) return [];
      if (run.reused?.includes(stage) === true) return [[stageTexts[stage].name, "reused"]];
      const overlapped = run.overlapped?.includes(stage) === true;
      return [[stageTexts[stage].name, overlapped ? `overlapped, ${formatMs(ms)} waited for` : formatMs(ms)]];
    }),
    ["Total", run.status === "done" ? formatMs(run.totalMs) : run.status],
  ];
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly maxLength: number;
  readonly lines?: number;
  readonly onSave: (value: string) => void;
}

/** Text that is saved when the field is left; Enter leaves a single line, Escape takes the change back. */
function Field({ label, value, lines = 1, onSave, ...rest }: FieldProps) {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const save = () => {
    if (draft !== undefined && draft.trim() !== value) onSave(draft.trim());
    setDraft(undefined);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      setDraft(undefined);
    } else if (event.key === "Enter" && lines === 1) event.currentTarget.blur();
  };
  const shared = { id, className: styles.input, value: draft ?? value, onBlur: save, onKeyDown, ...rest };
  return (
    <div className={styles.field}>
      <label className="note" htmlFor={id}>
        {label}
      </label>
      {lines === 1 ? (
        <input type="text" {...shared} onChange={(event) => setDraft(event.target.value)} />
      ) : (
        <textarea rows={lines} {...shared} onChange={(event) => setDraft(event.target.value)} />
      )}
    </div>
  );
}

function Tags({ run }: { readonly run: RunSummary }) {
  const { library } = useCommands();
  const [draft, setDraft] = useState("");
  const add = () => {
    const tag = draft.trim();
    setDraft("");
    if (tag !== "" && !run.tags.includes(tag)) void library.annotate(run.id, { tags: [...run.tags, tag] });
  };
  const full = run.tags.length >= annotationLimits.tags;
  return (
    <div className={styles.field}>
      <label className="note" htmlFor="library-new-tag">
        Tags
      </label>
      {run.tags.length > 0 && (
        <ul className={styles.tags} aria-label="Tags of this run">
          {run.tags.map((tag) => (
            <li key={tag} className={styles.tag}>
              {tag}
              <button
                type="button"
                className={styles.remove}
                aria-label={`Remove tag ${tag}`}
                onClick={() => void library.annotate(run.id, { tags: run.tags.filter((each) => each !== tag) })}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id="library-new-tag"
        className={styles.input}
        type="text"
        value={draft}
        disabled={full}
        maxLength={annotationLimits.tagLength}
        placeholder={full ? "No more tags fit" : "Add a tag, Enter"}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && add()}
        onBlur={add}
      />
    </div>
  );
}
