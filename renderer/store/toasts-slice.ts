/** A short message that goes away by itself: what was done, and whether it can be undone. */
export interface Toast {
  readonly id: string;
  readonly text: string;
  /** Key of the undo entry that the toast's button takes back. */
  readonly undoId?: string;
}

export interface ToastsState {
  /** Oldest first. */
  readonly list: readonly Toast[];
}

export const initialToasts: ToastsState = { list: [] };

const maxToasts = 4;

export function withToast(state: ToastsState, toast: Toast): ToastsState {
  return { list: [...state.list, toast].slice(-maxToasts) };
}

export function withoutToast(state: ToastsState, isGone: (toast: Toast) => boolean): ToastsState {
  return { list: state.list.filter((toast) => !isGone(toast)) };
}
