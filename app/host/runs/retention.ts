import { group } from "d3-array";
import type { Settings } from "../../contract/index.ts";
import type { KeptImage } from "../images/store.ts";
import type { KeptRun } from "./store.ts";

/** ms for which an image stays that was opened and never detected. */
const openedKeepMs = 24 * 60 * 60 * 1000;
/** ms after which what a dead process has left unfinished is removed; younger, it may belong to a living one. */
export const leftoverMs = 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;
const bytesPerGb = 1e9;

interface Kept {
  readonly images: readonly KeptImage[];
  readonly runs: readonly KeptRun[];
  /** Images that something besides runs names: ground truth, the list of recent images, runs in the trash. */
  readonly named: ReadonlySet<string>;
  /** False if some run cannot be read: any image may be its. */
  readonly allKnown: boolean;
}

interface Removable {
  readonly imageIds: readonly string[];
  readonly runIds: readonly string[];
}

/** An image with its runs, or the runs of an image that is not stored. */
interface Group {
  readonly image: KeptImage | undefined;
  readonly runs: readonly KeptRun[];
  /** ms since 1970 */
  readonly usedAtMs: number;
  readonly bytes: number;
}

/**
 * What the settings no longer keep, images that belong to nothing, and what requests and crashes have left. Images that
 * are in use stay.
 * @param nowMs ms since 1970
 */
export function removable(
  kept: Kept,
  { keepDays, keepGb }: Pick<Settings, "keepDays" | "keepGb">,
  nowMs: number,
): Removable {
  const oldest = keepDays === 0 ? Number.NEGATIVE_INFINITY : nowMs - keepDays * dayMs;
  const runs = kept.runs.filter(({ storedAtMs }) => storedAtMs >= oldest);
  const isWanted = ({ image, runs: own, usedAtMs }: Group): boolean => {
    if (image === undefined || image.held) return true;
    const belongs = own.length > 0 || kept.named.has(image.id) || !kept.allKnown || image.state === "unknown";
    return usedAtMs >= (belongs ? oldest : nowMs - openedKeepMs);
  };
  // Samples come with the application: only their runs count.
  const whole = kept.images.filter(({ state, sample }) => isWhole(state) && !sample);
  const wanted = groupsOf(whole, runs)
    .filter(isWanted)
    .sort((a, b) => b.usedAtMs - a.usedAtMs);
  const staying = keepGb === 0 ? wanted : within(wanted, keepGb * bytesPerGb);
  const images = new Set(staying.map(({ image }) => image?.id));
  const stays = new Set(staying.flatMap((each) => each.runs.map(({ id }) => id)));
  const isLeftover = ({ held, usedAtMs }: KeptImage): boolean => !held && usedAtMs < nowMs - leftoverMs;
  const gone = kept.images
    .filter(({ sample }) => !sample)
    .filter((image) => (isWhole(image.state) ? !images.has(image.id) : isLeftover(image)));
  return {
    imageIds: gone.map(({ id }) => id),
    runIds: kept.runs.map(({ id }) => id).filter((id) => !stays.has(id)),
  };
}

const isWhole = (state: KeptImage["state"]): boolean => state === "whole" || state === "unknown";

/** The newest groups that fit, the newest of all and what is in use in any case. */
function within(groups: readonly Group[], limit: number): Group[] {
  let bytes = 0;
  return groups.filter((each, index) => {
    bytes += each.bytes;
    return index === 0 || each.image?.held === true || bytes <= limit;
  });
}

function groupsOf(images: readonly KeptImage[], runs: readonly KeptRun[]): Group[] {
  const runsOf = group(runs, ({ id, imageId }) => imageId ?? id);
  const withImage = images.map((image) => groupOf(image, runsOf.get(image.id) ?? []));
  for (const { id } of images) runsOf.delete(id);
  return [...withImage, ...[...runsOf.values()].map((own) => groupOf(undefined, own))];
}

function groupOf(image: KeptImage | undefined, runs: readonly KeptRun[]): Group {
  return {
    image,
    runs,
    usedAtMs: Math.max(image?.usedAtMs ?? 0, ...runs.map(({ storedAtMs }) => storedAtMs)),
    bytes: (image?.bytes ?? 0) + runs.reduce((sum, run) => sum + run.bytes, 0),
  };
}
