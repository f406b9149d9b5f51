import { useState } from "react";
import { plural } from "../../../app/presentation/numbers.ts";
import { type DocumentImage, imageTitle } from "../../../app/truth/document.ts";
import type { TruthQuestion } from "../../store/truth-slice.ts";
import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import styles from "./ImageQuestion.module.css";

/** More would be a list that nobody reads; the file's names are the way then. */
const maxOptions = 1000;

/** A file about images by other names: one of them may be the shown screenshot. */
export function ImageQuestion({ question }: { readonly question: Extract<TruthQuestion, { kind: "image" }> }) {
  const { truth: commands } = useCommands();
  const { document, images, target } = question;
  const [chosen, setChosen] = useState(0);
  const name = target.name ?? "the pasted screenshot";
  const image = images[chosen] ?? images[0];
  return (
    <Dialog
      open
      onOpenChange={() => commands.dismissQuestion()}
      title={`Is ${document.source} about this screenshot?`}
      description={
        images.length === 1
          ? `The file is about an image that is not open under its name.`
          : `The file is about ${plural(images.length, "image")}; none of them is open under its name.`
      }
      testId="truth-image-question"
    >
      <div className={styles.body}>
        <dl className={styles.pair}>
          <dt>In the file</dt>
          <dd>
            {images.length === 1 ? (
              optionText(image)
            ) : (
              <SelectField
                label="Image of the file"
                labelHidden
                value={String(chosen)}
                options={images
                  .slice(0, maxOptions)
                  .map((each, index) => ({ value: String(index), text: optionText(each) }))}
                onChange={(value) => setChosen(Number(value))}
                testId="truth-image-choice"
              />
            )}
          </dd>
          <dt>Shown</dt>
          <dd>{name}</dd>
        </dl>
        <p className="note">
          If it is another picture, open the screenshot by its name instead: it then gets its ground truth by itself.
        </p>
        <div className={styles.buttons}>
          <Button onClick={() => commands.dismissQuestion()}>No</Button>
          <Button look="primary" data-testid="truth-by-hand" onClick={() => void commands.answerImage(question, image)}>
            Yes, use it here
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function optionText(image: DocumentImage): string {
  return `${imageTitle(image)}, ${plural(image.elements.length, "element")}`;
}
