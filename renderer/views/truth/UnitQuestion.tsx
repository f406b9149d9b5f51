import type { ImageRef, Truth } from "../../../app/contract/index.ts";
import { plural } from "../../../app/presentation/numbers.ts";
import { formatNames } from "../../../app/truth/read-truth.ts";
import type { TruthQuestion } from "../../store/truth-slice.ts";
import { useCommands, useImageUrl } from "../../store/use-app.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { outline } from "./outline.ts";
import styles from "./UnitQuestion.module.css";

interface UnitQuestionProps {
  readonly question: Extract<TruthQuestion, { kind: "unit" }>;
  /** Questions that are asked afterwards. */
  readonly waiting: number;
}

/** Boxes that cannot be what their format says: each way to read them is a picture, and a click takes it. */
export function UnitQuestion({ question, waiting }: UnitQuestionProps) {
  const { truth: commands } = useCommands();
  const { document, doubts } = question;
  const [{ target, reason, readings }] = doubts;
  const further = doubts.length > 1 ? ` The answer is for ${plural(doubts.length, "image")} of the file.` : "";
  const rest = waiting > 0 ? ` ${plural(waiting, "question")} to follow.` : "";
  return (
    <Dialog
      open
      onOpenChange={() => commands.dismissQuestion()}
      title="Where do the boxes belong?"
      description={`${document.source}, as ${formatNames[document.format]} is usually read, cannot be right: ${reason}. Choose the picture that fits, or close this to leave the file out.${further}${rest}`}
      size="large"
      testId="truth-unit-question"
    >
      <ul className={styles.readings}>
        {readings.map(({ reading, text, truth }, index) => (
          <li key={text}>
            <button
              type="button"
              className={styles.reading}
              data-testid="truth-reading"
              onClick={() => void commands.answerUnit(question, reading)}
            >
              <ReadingPicture image={target} truth={truth} />
              <span className={styles.text}>{captionOf(text)}</span>
              <span className={styles.note}>
                {index === 0 && readings.length > 1 && <span className={styles.badge}>Fits best</span>}
                {plural(truth.elements.length, "box", "boxes")} on the screenshot
                {index === readings.length - 1 && ", as the format is usually read"}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function captionOf(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The screenshot, small, with the boxes as one reading has them. */
function ReadingPicture({ image, truth }: { readonly image: ImageRef; readonly truth: Truth }) {
  const url = useImageUrl(image.id);
  const path = outline(truth.elements.map(({ bbox }) => bbox));
  return (
    <span className={styles.picture}>
      <img src={url} alt="" draggable={false} decoding="async" />
      <svg viewBox={`0 0 ${image.width} ${image.height}`} aria-hidden="true">
        <path className={styles.halo} d={path} />
        <path className={styles.boxes} d={path} />
      </svg>
    </span>
  );
}
