import { useMemo } from "react";
import { differencesOf } from "../../../logic/compare/differences.ts";
import { comparedRun } from "../../../store/selectors.ts";
import { useApp } from "../../../store/use-app.tsx";
import { DifferenceList } from "./DifferenceList.tsx";
import { DifferencePicture } from "./DifferencePicture.tsx";
import styles from "./ElementsPanel.module.css";
import { SidePickers } from "./SidePickers.tsx";

/** What two of the runs found, upon the image and as a list of differences. */
export function ElementsPanel() {
  const a = useApp((state) => comparedRun(state, "a"));
  const b = useApp((state) => comparedRun(state, "b"));
  const differences = useMemo(
    () => (a === undefined || b === undefined ? [] : differencesOf(a.detections, b.detections)),
    [a, b],
  );
  if (a === undefined || b === undefined) return null;
  return (
    <>
      <SidePickers />
      <div className={styles.panel}>
        <DifferencePicture key={a.image.id} image={a.image} a={a} b={b} differences={differences} />
        <DifferenceList differences={differences} />
      </div>
    </>
  );
}
