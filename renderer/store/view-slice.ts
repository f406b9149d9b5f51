/** What is looked at in this window; nothing of it is stored. */
export interface ViewState {
  /** Ids of elements of the shown run. */
  readonly hoveredId: string | undefined;
  readonly selectedId: string | undefined;
  readonly boxesVisible: boolean;
  /** What to locate, as typed. */
  readonly target: string;
}

export const initialView: ViewState = {
  hoveredId: undefined,
  selectedId: undefined,
  boxesVisible: true,
  target: "",
};
