import { shownRun } from "../../store/selectors.ts";
import { useApp } from "../../store/use-app.tsx";
import styles from "./FocusOutline.module.css";

/** The region that focus mode gave to the model, in px of the image. */
export function FocusOutline() {
  const region = useApp((state) => shownRun(state)?.record?.focus?.region);
  if (region === undefined) return null;
  const [x1, y1, x2, y2] = region;
  return <rect className={styles.outline} x={x1} y={y1} width={x2 - x1} height={y2 - y1} data-testid="focus-region" />;
}
