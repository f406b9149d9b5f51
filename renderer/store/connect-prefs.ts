import { type PrefsStorage, readPrefs, writePrefs } from "../logic/prefs/prefs.ts";
import { type AppStore, patch } from "./app-store.ts";

/** Reads the remembered choices into the store and remembers each change. Returns the function that ends it. */
export function connectPrefs(store: AppStore, storage: PrefsStorage): () => void {
  patch(store, "prefs", readPrefs(storage));
  return store.subscribe((state, before) => {
    if (state.prefs !== before.prefs) writePrefs(storage, state.prefs);
  });
}
