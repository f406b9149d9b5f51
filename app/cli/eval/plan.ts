import { createHash } from "node:crypto";
import { group } from "d3-array";
import type { ClickItem, DetectionItem, EvaluationFile } from "../../truth/click/items.ts";
import { type ImageFinder, missingImages } from "./folder.ts";
import type { Sample } from "./options.ts";

/** One item of a benchmark with the image file that it is about. */
export type PlannedItem = {
  readonly file: EvaluationFile;
  /** Path of the image below the evaluated folder. */
  readonly path: string;
} & ({ readonly kind: "click"; readonly item: ClickItem } | { readonly kind: "detect"; readonly item: DetectionItem });

/** An image and all that is asked about it, one after the other, so that the engine can keep it. */
export interface PlannedImage {
  readonly path: string;
  readonly items: readonly PlannedItem[];
}

/** The items of one dataset and split. */
export interface PlannedSet {
  readonly files: readonly EvaluationFile[];
  readonly items: readonly PlannedItem[];
}

export interface Plan {
  readonly sets: readonly PlannedSet[];
  readonly images: readonly PlannedImage[];
}

type Unplaced = Omit<PlannedItem, "path"> & { readonly item: ClickItem | DetectionItem };

/**
 * Which items are asked, and in which order. A sample is drawn of each dataset and split.
 * Throws FILE_MISSING if the image of any of them is not there.
 */
export function planItems(files: readonly EvaluationFile[], images: ImageFinder, sample: Sample | undefined): Plan {
  const missing = new Set<string>();
  let items = 0;
  const sets = [...group(files, ({ dataset, split }) => `${dataset} ${split ?? ""}`).values()].map(
    (own): PlannedSet => {
      const chosen = [
        ...drawn(
          own.flatMap((file) => file.detections.map((item) => ({ file, kind: "detect" as const, item }))),
          sample,
        ),
        ...drawn(
          own.flatMap((file) => file.clicks.map((item) => ({ file, kind: "click" as const, item }))),
          sample,
        ),
      ];
      items += chosen.length;
      return { files: own, items: chosen.flatMap((each) => placed(each, images, missing)) };
    },
  );
  if (missing.size > 0) throw missingImages([...missing], items);
  const byImage = group(
    sets.flatMap((set) => set.items),
    (item) => item.path,
  );
  return { sets, images: [...byImage].map(([path, own]) => ({ path, items: own })) };
}

function placed<T extends Unplaced>(each: T, images: ImageFinder, missing: Set<string>): (T & { path: string })[] {
  const path = images.find(each.item.image, each.file.file);
  if (path !== undefined) return [{ ...each, path }];
  missing.add(each.item.image);
  return [];
}

/**
 * So many of the items, in their order. Which ones depends on the seed, the files' names and the places in them alone, so
 * that every machine draws the same, and a larger sample has those of a smaller one.
 */
function drawn<T extends Unplaced>(items: readonly T[], sample: Sample | undefined): readonly T[] {
  if (sample === undefined || items.length <= sample.limit) return items;
  const ranked = items.map((each, at) => {
    const name = each.file.file.slice(each.file.file.lastIndexOf("/") + 1);
    const rank = createHash("sha256").update(`${sample.seed}\n${name}\n${each.kind}\n${each.item.index}`).digest("hex");
    return { at, rank };
  });
  const chosen = new Set(
    ranked
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, sample.limit)
      .map(({ at }) => at),
  );
  return items.filter((_, at) => chosen.has(at));
}
