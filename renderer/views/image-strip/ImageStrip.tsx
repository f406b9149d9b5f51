import type { ImageRef } from "../../../app/contract/index.ts";
import { formatMs } from "../../../app/presentation/numbers.ts";
import type { RunView } from "../../logic/run-view.ts";
import { activeRunOf, shownRunOf } from "../../store/selectors.ts";
import { useApp, useCommands, useImageUrl } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./ImageStrip.module.css";

/** The open images with the state of each; nothing while none is open. */
export function ImageStrip() {
  const { order, byId } = useApp((state) => state.images);
  if (order.length === 0) return null;
  return (
    <nav className={styles.strip} aria-label="Open images">
      <ul className={styles.list}>{order.map((id) => byId[id] && <Thumb key={id} image={byId[id]} />)}</ul>
    </nav>
  );
}

function Thumb({ image }: { readonly image: ImageRef }) {
  const commands = useCommands();
  const current = useApp((state) => state.images.currentId === image.id);
  const run = useApp((state) => activeRunOf(state, image.id) ?? shownRunOf(state, image.id));
  const url = useImageUrl(image.id);
  const name = image.name ?? "Pasted image";
  const status = thumbStatus(run);
  return (
    <li className={styles.item}>
      <button
        type="button"
        className={cx(styles.thumb, current && styles.current)}
        aria-current={current}
        title={`${name}, ${image.width} × ${image.height} px`}
        data-testid="image-thumb"
        data-status={run?.status ?? "none"}
        onClick={() => commands.selectImage(image.id)}
      >
        <img className={styles.picture} src={url} alt="" loading="lazy" decoding="async" draggable={false} />
        <span className={styles.name}>{name}</span>
        <span className={cx(styles.status, styles[status.tone])}>{status.text}</span>
      </button>
      <button
        type="button"
        className={styles.close}
        aria-label={`Close ${name}`}
        onClick={() => commands.closeImage(image.id)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

function thumbStatus(run: RunView | undefined): { readonly tone: "plain" | "working" | "bad"; readonly text: string } {
  switch (run?.status) {
    case undefined:
      return { tone: "plain", text: "Not run" };
    case "queued":
      return { tone: "plain", text: "Waiting" };
    case "running":
      return { tone: "working", text: run.detections.length > 0 ? `${run.detections.length}…` : "Working" };
    case "done":
      return { tone: "plain", text: `${run.detections.length} · ${formatMs(run.record?.totalMs ?? 0)}` };
    case "failed":
      return { tone: "bad", text: "Failed" };
    case "cancelled":
      return { tone: "bad", text: "Stopped" };
  }
}
