import type { SettingsFilter } from "../logic/settings/settings.ts";

/** What is looked at in this window; nothing of it is stored. */
export interface ViewState {
  /** Ids of elements of the shown run. */
  readonly hoveredId: string | undefined;
  /** In the order they were selected; the last one is the active element. */
  readonly selectedIds: readonly string[];
  /** Labels beside the boxes. */
  readonly tagsVisible: boolean;
  /** What to locate, as typed. */
  readonly target: string;
  /** Which settings are listed. */
  readonly settingsFilter: SettingsFilter;
}

export const initialView: ViewState = {
  hoveredId: undefined,
  selectedIds: [],
  tagsVisible: true,
  target: "",
  settingsFilter: { text: "", changedOnly: false },
};
