import { useState } from "react";
import { importCommand } from "../../logic/models/texts.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { copyText } from "../../ui/copy-text.ts";
import { FilePicker } from "../../ui/FilePicker.tsx";
import { TextField } from "../../ui/TextField.tsx";
import styles from "./ModelsView.module.css";
import { Part } from "./parts.tsx";

/** Takes in files that are on the disk already; a browser page may only say which command does it. */
export function ImportPanel() {
  const { models, undo } = useCommands();
  const desktop = useApp((state) => state.host.info?.door === "desktop");
  const [model, setModel] = useState("");
  const [mmproj, setMmproj] = useState("");
  const start = async () => {
    if (model.trim() === "") return;
    if (desktop) {
      if (!(await models.import(model, mmproj))) return;
      setModel("");
      setMmproj("");
    } else {
      const copied = await copyText(importCommand(model, mmproj));
      undo.say(copied ? "Command copied" : "The browser refused to copy the command.");
    }
  };
  return (
    <Part id="models-import" title="Import from disk">
      <p className="soft">
        {desktop
          ? "Copies a GGUF model and its mmproj into the models folder; the originals stay. Without a path the mmproj is looked for beside the model."
          : "A browser page may not name files of the disk. Write the paths, stop Holoscope, run the command on the machine that serves this page, and start it again."}
      </p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <PathField label="Model" value={model} testId="import-model" chooses={desktop} onChange={setModel} />
        <PathField label="mmproj" value={mmproj} testId="import-mmproj" chooses={desktop} onChange={setMmproj} />
        {!desktop && model.trim() !== "" && (
          <code className={styles.command} data-testid="import-command">
            {importCommand(model, mmproj)}
          </code>
        )}
        <Button type="submit" className={styles.start} data-testid="import-start" disabled={model.trim() === ""}>
          {desktop ? "Import" : "Copy command"}
        </Button>
      </form>
    </Part>
  );
}

interface PathFieldProps {
  readonly label: string;
  readonly value: string;
  readonly testId: string;
  /** Whether a chosen file tells its path. */
  readonly chooses: boolean;
  readonly onChange: (path: string) => void;
}

function PathField({ label, chooses, testId, ...field }: PathFieldProps) {
  const { models } = useCommands();
  return (
    <div className={styles.form}>
      <TextField
        label={label}
        className="grow"
        testId={testId}
        placeholder={label === "mmproj" ? "/path/to/mmproj.gguf, optional" : "/path/to/model.gguf"}
        spellCheck={false}
        {...field}
      />
      {chooses && (
        <FilePicker
          label={`${label} file`}
          accept=".gguf"
          choose="one"
          onFiles={([file]) => file !== undefined && field.onChange(models.pathOf(file))}
        >
          {(open) => (
            <Button aria-label={`Choose the ${label} file`} onClick={open}>
              Choose…
            </Button>
          )}
        </FilePicker>
      )}
    </div>
  );
}
