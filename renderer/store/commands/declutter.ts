import { labelKey } from "../../../app/presentation/labels.ts";
import { openFilter } from "../../logic/declutter/filter.ts";
import { StoreCommands } from "../store-commands.ts";

/** What a user can do to see less, or more. */
export class DeclutterCommands extends StoreCommands {
  toggleLabel(label: string): void {
    const key = labelKey(label);
    this.change("filter", (filter) => ({
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
    this.change("filter", (filter) => {
      const hidden = new Set(filter.hiddenLabels);
      const alone = !hidden.has(key) && others.every((each) => hidden.has(each));
      return { ...filter, hiddenLabels: alone ? [] : others };
    });
  }

  hideLabels(labels: readonly string[]): void {
    this.patch("filter", { hiddenLabels: [...new Set(labels.map(labelKey))] });
  }

  /** 0..1; undefined goes back to the run's own threshold. */
  setMinConfidence(minConfidence: number | undefined): void {
    this.patch("filter", { minConfidence });
  }

  setMaxCount(maxCount: number | undefined): void {
    this.patch("filter", { maxCount });
  }

  setText(text: string): void {
    this.patch("filter", { text });
  }

  /** Shows nothing but the elements selected now, or everything again. Without a selection nothing changes. */
  toggleOnlySelected(): void {
    const { filter, view } = this.state;
    if (filter.only !== undefined) this.patch("filter", { only: undefined });
    else if (view.selectedIds.length > 0) this.patch("filter", { only: view.selectedIds });
  }

  reset(): void {
    this.patch("filter", openFilter);
  }

  toggleTags(): void {
    this.change("view", (view) => ({ ...view, tagsVisible: !view.tagsVisible }));
  }
}
