import type { ErrorInfo } from "../../app/contract/index.ts";

/** A message that stays until it is dismissed. */
export interface Notice {
  readonly id: string;
  /** What was being done, such as the file's name; shown before the message. */
  readonly about?: string;
  readonly error: ErrorInfo;
}

export interface NoticesState {
  /** Newest first. */
  readonly list: readonly Notice[];
}

export const initialNotices: NoticesState = { list: [] };

const maxNotices = 50;

/** Adds a notice; one that says the same about the same takes the old one's place. */
export function withNotice(state: NoticesState, notice: Notice): NoticesState {
  const others = state.list.filter(
    (each) => each.id !== notice.id && (each.about !== notice.about || each.error.message !== notice.error.message),
  );
  return { list: [notice, ...others].slice(0, maxNotices) };
}

export function withoutNotice(state: NoticesState, id: string): NoticesState {
  return { list: state.list.filter((each) => each.id !== id) };
}
