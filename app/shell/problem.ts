import { type BrowserWindow, dialog } from "electron";
import { HoloscopeError } from "../contract/index.ts";

/** Shows what went wrong with something the user chose outside the page, and what to do about it. */
export async function showProblem(parent: BrowserWindow | undefined, what: string, problem: unknown): Promise<void> {
  const { message, hint } = HoloscopeError.from(problem);
  const options: Electron.MessageBoxOptions = {
    type: "error",
    message: what,
    detail: hint === undefined ? message : `${message}\n\n${hint}`,
    buttons: ["OK"],
    noLink: true,
  };
  await (parent === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(parent, options));
}
