import { clipboard } from "electron";
import type { Host } from "../host/types.ts";

/** Puts the host's diagnostics on the clipboard. The page may not write there; the menu is the user's own wish. */
export async function copyDiagnostics(host: Host): Promise<void> {
  const { text } = await host.call("app.diagnostics", {});
  clipboard.writeText(text);
}
