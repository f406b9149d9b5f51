import { useEffect, useRef } from "react";
import { inOpenLayer, takesText } from "./takes-text.ts";

/** Keys by `KeyboardEvent.key`, so that they are where the user's keyboard layout has them. */
export type Shortcuts = Readonly<Record<string, (() => void) | undefined>>;

/** Listens on the whole window, except while text is typed or a chord with Ctrl, Cmd or Alt is pressed. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (inOpenLayer(event.target)) return;
      if (takesText(event.target) && event.key !== "Escape") return;
      const run = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
