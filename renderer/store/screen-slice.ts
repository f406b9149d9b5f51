/** Which screen fills the window below the top bar: the open image, or a view of many runs. */
export const screens = ["image", "library", "batch", "compare", "models", "profile", "doctor"] as const;
export type Screen = (typeof screens)[number];

export interface ScreenState {
  readonly current: Screen;
}

export const initialScreen: ScreenState = { current: "image" };
