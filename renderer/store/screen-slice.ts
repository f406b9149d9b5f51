/** Which screen fills the window below the top bar: the open image, or a view of many runs. */
export type Screen = "image" | "library" | "batch" | "compare" | "models" | "operators" | "doctor" | "settings";

export interface ScreenState {
  readonly current: Screen;
  /** The window's own dialog that lies over it; there is at most one. */
  readonly dialog: "palette" | "shortcuts" | undefined;
}

export const initialScreen: ScreenState = { current: "image", dialog: undefined };
