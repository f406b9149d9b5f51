import { defaultPrefs, type Prefs } from "../../model/prefs/prefs.ts";
import { type AppStore, patch, update } from "../app-store.ts";
import type { DialogState } from "../dialog-slice.ts";

/** The window itself: its dialogs, its layout, what it remembers. */
export class WindowCommands {
  constructor(private readonly store: AppStore) {}

  openDialog(open: DialogState["open"]): void {
    patch(this.store, "dialog", { open });
  }

  /** Changes what is remembered of this window. */
  remember(fields: Partial<Prefs>): void {
    patch(this.store, "prefs", fields);
  }

  toggleSide(): void {
    update(this.store, "prefs", (prefs) => ({ ...prefs, sideOpen: !prefs.sideOpen }));
  }

  toggleTimings(): void {
    update(this.store, "prefs", (prefs) => ({ ...prefs, timingsOpen: !prefs.timingsOpen }));
  }

  toggleContrast(): void {
    update(this.store, "prefs", (prefs) => ({ ...prefs, contrast: prefs.contrast === "more" ? "system" : "more" }));
  }

  resetLayout(): void {
    const { sideWidth, sideOpen, timingsHeight, timingsOpen } = defaultPrefs;
    this.remember({ sideWidth, sideOpen, timingsHeight, timingsOpen });
  }
}
