import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { FilePicker } from "../../ui/FilePicker.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { IconButton } from "../../ui/IconButton.tsx";

/** Endings of the files that truth is read from, class lists of YOLO among them. */
const endings = ".json,.jsonl,.ndjson,.xml,.txt,.yaml,.yml,.names";

/** Lets the user choose truth files. */
export function OpenTruth({ look }: { readonly look: "primary" | "quiet" }) {
  const { truth } = useCommands();
  return (
    <FilePicker
      label="Ground truth to open"
      accept={endings}
      testId="truth-input"
      onFiles={(files) => void truth.openFiles(files)}
    >
      {(open) =>
        look === "primary" ? (
          <Button look="primary" onClick={open}>
            <Icon name="open" />
            Open ground truth
          </Button>
        ) : (
          <IconButton icon="open" label="Open other ground truth" onClick={open} />
        )
      }
    </FilePicker>
  );
}
