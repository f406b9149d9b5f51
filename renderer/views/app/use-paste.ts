import { useEffect } from "react";
import { useCommands } from "../../store/use-app.tsx";

/** Opens images that are pasted anywhere in the window; pasted text is left alone. */
export function usePaste(): void {
  const commands = useCommands();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      void commands.intake.take(files);
    };
    window.addEventListener("paste", onPaste);
    return () => window.removeEventListener("paste", onPaste);
  }, [commands]);
}
