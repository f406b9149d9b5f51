import { type OverlayMode, overlayModes } from "../../../store/compare-slice.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import styles from "./OverlayToolbar.module.css";

const texts: Readonly<Record<OverlayMode, { readonly name: string; readonly hint: string }>> = {
  swipe: { name: "Swipe", hint: "A left of the line, B right of it (S)" },
  a: { name: "Only A", hint: "Boxes of A; F changes between A and B" },
  b: { name: "Only B", hint: "Boxes of B; F changes between A and B" },
  both: { name: "Both", hint: "Both upon each other (B)" },
};

/** How the two runs share the picture. */
export function OverlayToolbar() {
  const commands = useCommands();
  const overlay = useApp((state) => state.compare.overlay);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Picture">
      {overlayModes.map((mode) => (
        <button
          key={mode}
          type="button"
          className={styles.choice}
          aria-pressed={overlay === mode}
          title={texts[mode].hint}
          data-testid={`overlay-${mode}`}
          onClick={() => commands.compare.look({ overlay: mode })}
        >
          {texts[mode].name}
        </button>
      ))}
      <span className={styles.hint}>
        <kbd>F</kbd> flickers
      </span>
    </div>
  );
}
