import { memo, useState } from "react";
import { elementColor } from "../../../app/presentation/labels.ts";
import { formatMs, plural } from "../../../app/presentation/numbers.ts";
import type { BatchItem } from "../../logic/batch/batch.ts";
import { useCommands, useImageUrl } from "../../store/use-app.tsx";
import styles from "./ContactSheet.module.css";

/** All files of a batch as small pictures with their boxes; a click opens one. */
export function ContactSheet({ items }: { readonly items: readonly BatchItem[] }) {
  return (
    <ul className={styles.sheet} aria-label="Files of the batch">
      {items.map((item) => (
        <Card key={item.id} item={item} />
      ))}
    </ul>
  );
}

const Card = memo(function Card({ item }: { readonly item: BatchItem }) {
  const { runFiles } = useCommands();
  const { runId, status } = item;
  const body = (
    <>
      <span className={styles.picture}>
        {item.image !== undefined && <Picture item={item} imageId={item.image.id} />}
      </span>
      <span className={styles.name}>{item.name}</span>
      <span className={styles.status}>{statusText(item)}</span>
    </>
  );
  return (
    <li className={styles.card} data-testid="batch-item" data-status={status}>
      {runId !== undefined && status === "done" ? (
        <button type="button" className={styles.open} title={item.name} onClick={() => void runFiles.open(runId)}>
          {body}
        </button>
      ) : (
        <div className={styles.open} title={item.error?.hint ?? item.name}>
          {body}
        </div>
      )}
    </li>
  );
});

function statusText(item: BatchItem): string {
  switch (item.status) {
    case "waiting":
      return "Waiting";
    case "running":
      return "Working…";
    case "done":
      return `${plural(item.detections?.length ?? 0, "element")} · ${formatMs(item.totalMs ?? 0)}`;
    case "failed":
      return item.error?.message ?? "Failed";
    case "cancelled":
      return "Cancelled";
  }
}

function Picture({ item, imageId }: { readonly item: BatchItem; readonly imageId: string }) {
  const url = useImageUrl(imageId);
  const [shown, setShown] = useState(true);
  const { width = 1, height = 1 } = item.image ?? {};
  // px of the image that show as a thin line: the thumbnail is about 220 CSS px wide.
  const stroke = width / 160;
  return (
    <>
      {shown && <img src={url} alt="" loading="lazy" decoding="async" onError={() => setShown(false)} />}
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {item.detections?.map(({ id, bbox: [x1, y1, x2, y2], label, color }) => (
          <rect
            key={id}
            x={x1}
            y={y1}
            width={Math.max(0, x2 - x1)}
            height={Math.max(0, y2 - y1)}
            fill="none"
            stroke={elementColor({ color, label })}
            strokeWidth={stroke}
          />
        ))}
      </svg>
    </>
  );
}
