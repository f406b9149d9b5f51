import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { HubListing } from "./HubListing.tsx";
import styles from "./ModelsView.module.css";
import { Part, Problem } from "./parts.tsx";

/** Looks a repository up at the hub: by suggestion or by reference. */
export function HubPanel() {
  const { models } = useCommands();
  const hub = useApp((state) => state.models.hub);
  const suggestions = useApp((state) => state.models.suggestions);
  return (
    <Part id="models-hub" title="Get a model from the hub">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void models.lookUp();
        }}
      >
        <TextField
          label="Reference"
          className="grow"
          value={hub.reference}
          testId="hub-reference"
          placeholder="hf:owner/name"
          spellCheck={false}
          maxLength={400}
          onChange={(reference) => models.write(reference)}
        />
        <Button type="submit" look="primary" data-testid="hub-look" disabled={hub.looking}>
          {hub.looking ? "Looking…" : "List files"}
        </Button>
      </form>
      {hub.error?.code === "HUB_OFFLINE" ? (
        <div className={styles.offline} role="status" data-testid="hub-offline">
          <p className={styles.strong}>Offline</p>
          <p>{hub.error.message}</p>
          {hub.error.hint !== undefined && <p>{hub.error.hint}</p>}
          <Button data-testid="hub-retry" onClick={() => void models.lookUp()}>
            Try again
          </Button>
        </div>
      ) : (
        hub.error !== undefined && <Problem error={hub.error} />
      )}
      {hub.listing !== undefined && <HubListing listing={hub.listing} />}
      <h4 className={styles.suggestionsTitle}>Suggestions</h4>
      <p className="soft">Models known to work with Holoscope; their files were not checked. A click lists them.</p>
      <ul className={styles.suggestions}>
        {suggestions.map(({ name, reference, note }) => (
          <li key={reference}>
            <button
              type="button"
              className={styles.suggestion}
              data-testid="suggestion"
              onClick={() => void models.lookUp(reference)}
            >
              <span className={styles.strong}>{name}</span>
              <span className="soft">{note}</span>
              <span className={styles.code}>{reference}</span>
            </button>
          </li>
        ))}
      </ul>
    </Part>
  );
}
