import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { HubListing } from "./HubListing.tsx";
import styles from "./ModelsView.module.css";
import { Problem } from "./Problem.tsx";

/** Looks a repository up at the hub: by suggestion or by reference. */
export function HubPanel() {
  const { models } = useCommands();
  const hub = useApp((state) => state.models.hub);
  const suggestions = useApp((state) => state.models.suggestions);
  return (
    <section className={styles.part} aria-labelledby="models-hub">
      <h3 id="models-hub" className={styles.heading}>
        Get a model from the hub
      </h3>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void models.lookUp();
        }}
      >
        <TextField
          label="Reference"
          className={styles.grow}
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
      <h4 className={styles.subheading}>Suggestions</h4>
      <p className={styles.soft}>Known by name to work; nothing of them was checked. A click lists their files.</p>
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
              <span className={styles.soft}>{note}</span>
              <span className={styles.code}>{reference}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
