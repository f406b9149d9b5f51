import { lazy, Suspense } from "react";
import { useApp } from "../../store/use-app.tsx";

// Dialogs load when they are first asked for.
const Palette = lazy(() => import("../palette/Palette.tsx"));
const ShortcutSheet = lazy(() => import("../shortcuts/ShortcutSheet.tsx"));
const DeletionDialog = lazy(() => import("../kept/DeletionDialog.tsx"));
const TruthQuestion = lazy(() => import("../truth/TruthQuestion.tsx"));

/** The window's own dialog that is open, if any. */
export function OpenDialog() {
  const open = useApp((state) => state.screen.dialog);
  const question = useApp((state) => state.truth.questions[0]);
  const deletion = useApp((state) => state.kept.question);
  return (
    <Suspense fallback={null}>
      {open === "palette" && <Palette />}
      {open === "shortcuts" && <ShortcutSheet />}
      {deletion !== undefined && <DeletionDialog question={deletion} />}
      {question !== undefined && <TruthQuestion question={question} />}
    </Suspense>
  );
}
