import { openFilter } from "../../model/declutter/filter.ts";
import { labelKey } from "../../model/label-colors.ts";
import { type AppStore, patch, update } from "../app-store.ts";

/** What a user can do to see less, or more. */
export class DeclutterCommands {
  constructor(private readonly store: AppStore) {}

  toggleLabel(label: string): void {
    const key = labelKey(label);
    update(this.store, "filter", (filter) => ({
      ...filter,
      hiddenLabels: filter.hiddenLabels.includes(key)
        ? filter.hiddenLabels.filter((each) => each !== key)
        : [...filter.hiddenLabels, key],
    }));
  }

  /** Leaves one label of `all`; asked again for a label that is alone already, shows them all. */
  showOnlyLabel(label: string, all: readonly string[]): void {
    const key = labelKey(label);
    const others = [...new Set(all.map(labelKey))].filter((each) => each !== key);
    update(this.store, "filter", (filter) => {
      const hidden = new Set(filter.hiddenLabels);
      const alone = !hidden.has(key) && others.every((each) => hidden.has(each));
      return { ...filter, hiddenLabels: alone ? [] : others };
    });
  }

  hideLabels(labels: readonly string[]): void {
    patch(this.store, "filter", { hiddenLabels: [...new Set(labels.map(labelKey))] });
  }

  /** 0..1; undefined goes back to the run's own threshold. */
  setMinConfidence(minConfidence: number | undefined): void {
    patch(this.store, "filter", { minConfidence });
  }

  setMaxCount(maxCount: number | undefined): void {
    patch(this.store, "filter", { maxCount });
  }

  setText(text: string): void {
    patch(this.store, "filter", { text });
  }

  /** Shows nothing but the elements selected now, or everything again. Without a selection nothing changes. */
  toggleOnlySelected(): void {
    const { filter, view } = this.store.getState();
    if (filter.only !== undefined) patch(this.store, "filter", { only: undefined });
    else if (view.selectedIds.length > 0) patch(this.store, "filter", { only: view.selectedIds });
  }

  reset(): void {
    patch(this.store, "filter", openFilter);
  }

  toggleTags(): void {
    update(this.store, "view", (view) => ({ ...view, tagsVisible: !view.tagsVisible }));
  }
}
