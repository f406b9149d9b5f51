/** An export that is being made: how many of its runs have been read. */
export interface ExportsState {
  readonly working: { readonly done: number; readonly of: number } | undefined;
}

export const initialExports: ExportsState = { working: undefined };
