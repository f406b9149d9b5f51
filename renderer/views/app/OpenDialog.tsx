import { lazy, Suspense } from "react";
import { useApp } from "../../store/use-app.tsx";

// Dialogs load when they are first asked for.
const Palette = lazy(() => import("../palette/Palette.tsx"));
const ShortcutSheet = lazy(() => import("../shortcuts/ShortcutSheet.tsx"));

/** The window's own dialog that is open, if any. */
export function OpenDialog() {
  const open = useApp((state) => state.dialog.open);
  return (
    <Suspense fallback={null}>
      {open === "palette" && <Palette />}
      {open === "shortcuts" && <ShortcutSheet />}
    </Suspense>
  );
}
