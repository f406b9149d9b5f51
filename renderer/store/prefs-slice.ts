import { type PrefsStorage, readPrefs, writePrefs } from "../model/prefs/prefs.ts";
import { type AppStore, patch } from "./app-store.ts";

/** Reads the remembered choices into the store and remembers each change. Returns the function that ends it. */
export function connectPrefs(store: AppStore, storage: PrefsStorage): () => void {
  const prefs = readPrefs(storage);
  patch(store, "prefs", prefs);
  patch(store, "view", { boxesVisible: prefs.boxesVisible });
  return store.subscribe((state, before) => {
    if (state.view.boxesVisible !== before.view.boxesVisible) {
      patch(store, "prefs", { boxesVisible: state.view.boxesVisible });
    }
    if (state.prefs !== before.prefs) writePrefs(storage, state.prefs);
  });
}
