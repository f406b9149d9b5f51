import { useCallback, useRef } from "react";
import { imageFormats } from "../../../app/contract/index.ts";
import { catalogue } from "../../model/commands/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText, useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";

const accept = [...imageFormats.map((format) => `image/${format}`), ".json"].join(",");

export function OpenButton() {
  const commands = useCommands();
  const adding = useApp((state) => state.images.adding);
  const input = useRef<HTMLInputElement>(null);
  const open = useCallback(() => input.current?.click(), []);
  useRegisteredCommands([{ ...catalogue.open, run: open }]);
  return (
    <>
      <Tip text={tipText(catalogue.open, "Open screenshots, or drop or paste them")}>
        <Button onClick={open}>
          <Icon name="open" />
          {adding > 0 ? `Adding ${adding}…` : "Open"}
        </Button>
      </Tip>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple
        hidden
        aria-label="Screenshots or run files to open"
        data-testid="file-input"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file chosen again must count as a change.
          event.target.value = "";
          void commands.intake.take(files);
        }}
      />
    </>
  );
}
