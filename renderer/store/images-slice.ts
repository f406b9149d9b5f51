import type { ImageRef } from "../../app/contract/index.ts";

/** The images open in this window, in the order they came. */
export interface ImagesState {
  readonly byId: Readonly<Record<string, ImageRef>>;
  readonly order: readonly string[];
  readonly currentId: string | undefined;
  /** Files on their way to the host. */
  readonly adding: number;
  readonly samples: readonly ImageRef[];
}

export const initialImages: ImagesState = { byId: {}, order: [], currentId: undefined, adding: 0, samples: [] };

/** Opens an image; one that is open already keeps its place. */
export function withImage(state: ImagesState, ref: ImageRef): ImagesState {
  return {
    ...state,
    byId: { ...state.byId, [ref.id]: ref },
    order: state.order.includes(ref.id) ? state.order : [...state.order, ref.id],
    currentId: state.currentId ?? ref.id,
  };
}

/** Takes over what has changed of an image; one that is not open stays closed. */
export function withImageChanged(state: ImagesState, ref: ImageRef): ImagesState {
  return state.byId[ref.id] === undefined ? state : { ...state, byId: { ...state.byId, [ref.id]: ref } };
}

/** Opens an image at a place among the others. */
export function withImageAt(state: ImagesState, ref: ImageRef, place: number): ImagesState {
  const others = state.order.filter((id) => id !== ref.id);
  return { ...withImage(state, ref), order: others.toSpliced(place, 0, ref.id) };
}

/** Closes an image; its neighbour becomes the current one if it was. */
export function withoutImage(state: ImagesState, id: string): ImagesState {
  const index = state.order.indexOf(id);
  if (index < 0) return state;
  const order = state.order.filter((each) => each !== id);
  const { [id]: _closed, ...byId } = state.byId;
  const currentId = state.currentId === id ? (order[index] ?? order[index - 1]) : state.currentId;
  return { ...state, byId, order, currentId };
}
