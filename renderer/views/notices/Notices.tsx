import { useState } from "react";
import type { Notice } from "../../store/notices-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { copyText } from "../../ui/copy-text.ts";
import { Icon } from "../../ui/Icon.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import styles from "./Notices.module.css";

const shownAtOnce = 3;

/** Errors, newest first: what happened, what to do, and the details to report it with. */
export function Notices() {
  const list = useApp((state) => state.notices.list);
  const hidden = list.length - shownAtOnce;
  return (
    <div className={styles.stack}>
      {list.slice(0, shownAtOnce).map((notice) => (
        <NoticeBanner key={notice.id} notice={notice} />
      ))}
      {hidden > 0 && <p className={styles.more}>{hidden} more; dismiss these to see them</p>}
    </div>
  );
}

function NoticeBanner({ notice }: { readonly notice: Notice }) {
  const commands = useCommands();
  const [copied, setCopied] = useState(false);
  const { error, about } = notice;
  const copy = async () => {
    const lines = [`${error.code}: ${error.message}`, error.hint, error.detail, "", await commands.diagnostics()];
    setCopied(await copyText(lines.filter((line) => line !== undefined).join("\n")));
  };
  return (
    <div className={styles.banner} role="alert" data-testid="error-banner" data-code={error.code}>
      <span className={styles.icon}>
        <Icon name="error" />
      </span>
      <div className={styles.body}>
        <p className={styles.message}>
          {about !== undefined && <b>{about}: </b>}
          {error.message}
        </p>
        {error.hint !== undefined && <p className="soft">{error.hint}</p>}
        <p className={styles.code}>{error.code}</p>
      </div>
      <Button look="quiet" onClick={() => void copy()}>
        {copied ? "Copied" : "Copy details"}
      </Button>
      <IconButton icon="close" label="Dismiss" onClick={() => commands.dismissNotice(notice.id)} />
    </div>
  );
}
