import { imageFormats } from "../../../app/contract/index.ts";
import { catalogue } from "../../logic/commands/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText, useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { FilePicker } from "../../ui/FilePicker.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";
import styles from "./TopBar.module.css";

const accept = [...imageFormats.map((format) => `image/${format}`), ".json"].join(",");

/** Opens files of the disk; the command of the same name does too. */
export function OpenButton() {
  const commands = useCommands();
  return (
    <FilePicker
      label="Screenshots or run files to open"
      accept={accept}
      testId="file-input"
      onFiles={(files) => void commands.intake.take(files)}
    >
      {(open) => <Opener open={open} />}
    </FilePicker>
  );
}

function Opener({ open }: { readonly open: () => void }) {
  const adding = useApp((state) => state.images.adding);
  useRegisteredCommands([{ ...catalogue.open, run: open }]);
  return (
    <Tip text={tipText(catalogue.open, "Open screenshots, or drop or paste them")}>
      <Button onClick={open}>
        <Icon name="open" />
        {adding > 0 ? `Adding ${adding}…` : <span className={styles.spareWord}>Open</span>}
      </Button>
    </Tip>
  );
}
