import type { ImageRef, KeptData } from "../../app/contract/index.ts";

/** An image as the user is asked about it. */
export type AskedImage = Pick<ImageRef, "id" | "name">;

/** What is deleted for good if the user agrees. */
export type DeletionQuestion =
  | {
      readonly kind: "images";
      readonly images: readonly AskedImage[];
      /** How many runs go with them. */
      readonly runs: number;
      /** How many of these the user has selected; undefined where the images themselves were. */
      readonly selected: number | undefined;
    }
  | { readonly kind: "all"; readonly kept: KeptData };

/** What is kept of screenshots and runs. */
export interface KeptState {
  /** As the host told last; undefined before. */
  readonly usage: KeptData | undefined;
  readonly question: DeletionQuestion | undefined;
}

export const initialKept: KeptState = { usage: undefined, question: undefined };
