import { useState } from "react";
import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { copyText } from "../../ui/copy-text.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import styles from "./CopyDiagnostics.module.css";

/** Puts text for a bug report on the clipboard; what names the user goes along only if it is ticked. */
export function CopyDiagnostics() {
  const { doctor, undo } = useCommands();
  const [open, setOpen] = useState(false);
  const [includePaths, setPaths] = useState(false);
  const [includeImageNames, setImageNames] = useState(false);
  const copy = async () => {
    const text = await doctor.bundle({ includePaths, includeImageNames });
    setOpen(false);
    if (text === undefined) return;
    const copied = await copyText(text);
    undo.say(copied ? "Diagnostics copied" : "The browser refused to copy the diagnostics.");
  };
  return (
    <>
      <Button data-testid="diagnostics-open" onClick={() => setOpen(true)}>
        Copy diagnostics
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        size="small"
        title="Copy diagnostics"
        description="Versions, settings, the doctor's last report and the last lines of the log. Images are never in it."
        testId="diagnostics-dialog"
      >
        <div className={styles.choices}>
          <Checkbox checked={includePaths} onChange={setPaths} testId="include-paths">
            With paths and my user name as they are
          </Checkbox>
          <Checkbox checked={includeImageNames} onChange={setImageNames} testId="include-image-names">
            With the names of image files
          </Checkbox>
          <Button look="primary" className={styles.copy} data-testid="diagnostics-copy" onClick={() => void copy()}>
            Copy
          </Button>
        </div>
      </Dialog>
    </>
  );
}
