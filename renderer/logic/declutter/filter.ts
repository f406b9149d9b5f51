import type { Detection } from "../../../app/contract/index.ts";
import { elementColor, labelKey, labelText } from "../../../app/presentation/labels.ts";

/** Which elements the user chose to see. The run itself stays as it is. */
export interface Filter {
  /** Keys of labels (see `labelKey`) that are switched off. */
  readonly hiddenLabels: readonly string[];
  /** 0..1; undefined leaves the threshold that the run was made with. */
  readonly minConfidence: number | undefined;
  /** At most so many, the most confident ones; undefined is no limit. */
  readonly maxCount: number | undefined;
  /** Words that must all occur in label, text or id. */
  readonly text: string;
  /** Ids of the only elements to show, whatever else is set; undefined shows the others too. */
  readonly only: readonly string[] | undefined;
}

export const openFilter: Filter = {
  hiddenLabels: [],
  minConfidence: undefined,
  maxCount: undefined,
  text: "",
  only: undefined,
};

/** What a run offers: its elements, and those that lay below its confidence threshold. */
export interface Found {
  readonly detections: readonly Detection[];
  readonly belowThreshold: readonly Detection[];
}

export interface VisibleElements {
  /** In the order the model wrote them; those from below the threshold come last. */
  readonly items: readonly Detection[];
  /** Ids of the items that lay below the run's own threshold. */
  readonly below: ReadonlySet<string>;
}

/** Whether anything is left out or added, apart from the run's own threshold. */
export function isFiltering(filter: Filter): boolean {
  return (
    filter.hiddenLabels.length > 0 ||
    filter.minConfidence !== undefined ||
    filter.maxCount !== undefined ||
    filter.text.trim() !== "" ||
    filter.only !== undefined
  );
}

/** What passes the confidence threshold, before labels, text and count are looked at. */
function confidentEnough({ detections, belowThreshold }: Found, minConfidence: number | undefined): Found {
  if (minConfidence === undefined) return { detections, belowThreshold: [] };
  const passes = ({ confidence }: Detection) => confidence >= minConfidence;
  return { detections: detections.filter(passes), belowThreshold: belowThreshold.filter(passes) };
}

function textMatcher(text: string): (detection: Detection) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return ({ id, label, text: content = "" }) => {
    const haystack = `${id} ${label} ${labelText(label)} ${content}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  };
}

function mostConfident(items: readonly Detection[], count: number): readonly Detection[] {
  if (items.length <= count) return items;
  const kept = new Set([...items].sort((a, b) => b.confidence - a.confidence).slice(0, count));
  return items.filter((each) => kept.has(each));
}

/** The elements that a filter leaves. */
export function applyFilter(found: Found, filter: Filter): VisibleElements {
  const belowIds = new Set(found.belowThreshold.map(({ id }) => id));
  const { only } = filter;
  const items =
    only === undefined
      ? mostConfident(passing(found, filter), filter.maxCount ?? Number.POSITIVE_INFINITY)
      : [...found.detections, ...found.belowThreshold].filter(({ id }) => only.includes(id));
  return { items, below: new Set(items.filter(({ id }) => belowIds.has(id)).map(({ id }) => id)) };
}

function passing(found: Found, filter: Filter): readonly Detection[] {
  const { detections, belowThreshold } = confidentEnough(found, filter.minConfidence);
  const hidden = new Set(filter.hiddenLabels);
  const matches = textMatcher(filter.text);
  return [...detections, ...belowThreshold].filter((each) => !hidden.has(labelKey(each.label)) && matches(each));
}

export interface LabelCount {
  /** See `labelKey`. */
  readonly key: string;
  /** The label as the model first wrote it. */
  readonly label: string;
  /** CSS hex colour of the first element with it. */
  readonly color: string;
  /** Elements with this label that pass the confidence threshold and the text. */
  readonly count: number;
}

/** Every label of a run, the most frequent of the whole run first, so that toggling moves none. */
export function labelCounts(found: Found, filter: Filter): readonly LabelCount[] {
  const { detections, belowThreshold } = confidentEnough(found, filter.minConfidence);
  const matches = textMatcher(filter.text);
  const passes = new Set([...detections, ...belowThreshold].filter(matches));
  const labels = new Map<string, { label: string; color: string; total: number; count: number }>();
  for (const each of [...found.detections, ...found.belowThreshold]) {
    const key = labelKey(each.label);
    const known = labels.get(key) ?? { label: each.label, color: elementColor(each), total: 0, count: 0 };
    known.total += 1;
    if (passes.has(each)) known.count += 1;
    labels.set(key, known);
  }
  return [...labels]
    .sort(([a, one], [b, other]) => other.total - one.total || a.localeCompare(b))
    .map(([key, { label, color, count }]) => ({ key, label, color, count }));
}
