import { useRef } from "react";
import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";

/** Lets the user choose truth files. */
export function OpenTruth({ look }: { readonly look: "primary" | "quiet" }) {
  const commands = useCommands();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {look === "primary" ? (
        <Button look="primary" onClick={() => input.current?.click()}>
          <Icon name="open" />
          Open ground truth
        </Button>
      ) : (
        <Button look="quiet" square aria-label="Open other ground truth" onClick={() => input.current?.click()}>
          <Icon name="open" />
        </Button>
      )}
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        multiple
        hidden
        aria-label="Ground truth to open"
        data-testid="truth-input"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file chosen again must count as a change.
          event.target.value = "";
          void commands.truth.openFiles(files);
        }}
      />
    </>
  );
}
