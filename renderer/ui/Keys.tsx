import { keyCaps } from "../logic/commands/keys.ts";
import styles from "./Keys.module.css";
import { onMac } from "./platform.ts";

/** A chord as key caps. */
export function Keys({ chord }: { readonly chord: string }) {
  return (
    <span className={styles.keys}>
      {keyCaps(chord, onMac).map((cap) => (
        <kbd key={cap} className={styles.cap}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
