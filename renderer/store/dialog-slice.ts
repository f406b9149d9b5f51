/** Which of the window's own dialogs is open; there is at most one. */
export interface DialogState {
  readonly open: "palette" | "shortcuts" | undefined;
}

export const initialDialog: DialogState = { open: undefined };
