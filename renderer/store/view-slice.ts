/** What is looked at in this window; nothing of it is stored. */
export interface ViewState {
  /** Ids of elements of the shown run. */
  readonly hoveredId: string | undefined;
  /** The active element, the last of `selectedIds`. */
  readonly selectedId: string | undefined;
  readonly selectedIds: readonly string[];
  readonly boxesVisible: boolean;
  /** Labels beside the boxes. */
  readonly tagsVisible: boolean;
  /** What to locate, as typed. */
  readonly target: string;
}

export const initialView: ViewState = {
  hoveredId: undefined,
  selectedId: undefined,
  selectedIds: [],
  boxesVisible: true,
  tagsVisible: true,
  target: "",
};
