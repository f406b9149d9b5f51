import { defaultPrefs, type Prefs } from "../../logic/prefs/prefs.ts";
import type { ScreenState } from "../screen-slice.ts";
import { StoreCommands } from "../store-commands.ts";

/** The window itself: its dialogs, its layout, what it remembers. */
export class WindowCommands extends StoreCommands {
  openDialog(dialog: ScreenState["dialog"]): void {
    this.patch("screen", { dialog });
  }

  /** Changes what is remembered of this window. */
  remember(fields: Partial<Prefs>): void {
    this.patch("prefs", fields);
  }

  toggleSide(): void {
    this.change("prefs", (prefs) => ({ ...prefs, sideOpen: !prefs.sideOpen }));
  }

  toggleTimings(): void {
    this.change("prefs", (prefs) => ({ ...prefs, timingsOpen: !prefs.timingsOpen }));
  }

  toggleContrast(): void {
    this.change("prefs", (prefs) => ({ ...prefs, contrast: prefs.contrast === "more" ? "system" : "more" }));
  }

  resetLayout(): void {
    const { sideWidth, sideOpen, timingsHeight, timingsOpen } = defaultPrefs;
    this.remember({ sideWidth, sideOpen, timingsHeight, timingsOpen });
  }
}
