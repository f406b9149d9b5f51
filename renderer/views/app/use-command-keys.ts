import { useEffect } from "react";
import { useMenuCommands, useRegistry } from "../../store/use-app.tsx";
import { onMac } from "../../ui/platform.ts";
import { inOpenLayer, takesText } from "../../ui/takes-text.ts";

/** Lets the keyboard and the native menu run registered commands. */
export function useCommandKeys(): void {
  const registry = useRegistry();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || inOpenLayer(event.target)) return;
      const command = registry.forKey(event, { mac: onMac, typing: takesText(event.target) });
      if (command === undefined) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [registry]);
  useMenuCommands((id) => registry.run(id));
}
