import { useEffect, useSyncExternalStore } from "react";
import { useApp } from "../../store/use-app.tsx";

const wishesContrast = window.matchMedia("(prefers-contrast: more)");

function subscribe(changed: () => void): () => void {
  wishesContrast.addEventListener("change", changed);
  return () => wishesContrast.removeEventListener("change", changed);
}

/** Puts theme and contrast on the document: as chosen, else as the system says. tokens.css does the rest. */
export function useTheme(): void {
  const theme = useApp((state) => state.host.settings?.theme ?? "system");
  const chosen = useApp((state) => state.prefs.contrast);
  const system = useSyncExternalStore(subscribe, () => wishesContrast.matches);
  const more = chosen === "more" || system;
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    if (more) document.documentElement.dataset.contrast = "more";
    else delete document.documentElement.dataset.contrast;
  }, [more]);
}
