import { type AppState, type AppStore, patch, update } from "./app-store.ts";

/** Commands that change only what the window knows. */
export abstract class StoreCommands {
  protected readonly store: AppStore;

  constructor(store: AppStore) {
    this.store = store;
  }

  protected get state(): AppState {
    return this.store.getState();
  }

  /** Changes one slice. */
  protected change<S extends keyof AppState>(slice: S, change: (state: AppState[S]) => AppState[S]): void {
    update(this.store, slice, change);
  }

  /** Lays fields over one slice. */
  protected patch<S extends keyof AppState>(slice: S, fields: Partial<AppState[S]>): void {
    patch(this.store, slice, fields);
  }
}
