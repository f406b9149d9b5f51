import { useEffect } from "react";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { cx } from "../../ui/cx.ts";
import styles from "./Kept.module.css";
import { KeptTable } from "./KeptTable.tsx";

/** What is kept of screenshots and runs, and the two ways to remove it that are not about one of them. */
export function KeptPanel() {
  const { kept } = useCommands();
  const usage = useApp((state) => state.kept.usage);
  useEffect(() => void kept.read(), [kept]);
  const nothing = usage !== undefined && Object.values(usage).every(({ count }) => count === 0);
  return (
    <div className={cx("card raised", styles.panel)} data-testid="kept-panel">
      <h4 className="subheading">Kept on this computer</h4>
      {usage !== undefined && <KeptTable kept={usage} />}
      <p className="note">
        Tidying removes what the settings of this group no longer keep. It happens by itself every hour.
      </p>
      <div className={styles.buttons}>
        <Button data-testid="kept-tidy" onClick={() => void kept.tidy()}>
          Tidy now
        </Button>
        <Button look="danger" disabled={nothing} data-testid="kept-delete-all" onClick={() => void kept.askAll()}>
          Delete all screenshots and runs…
        </Button>
      </div>
    </div>
  );
}
