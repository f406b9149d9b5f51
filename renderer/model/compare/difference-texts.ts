import { formatPx } from "../format.ts";
import { labelText } from "../label-colors.ts";
import type { Difference } from "./differences.ts";

/** The element's label; both where they differ: "button → link". */
export function differenceLabel({ a, b }: Difference): string {
  const labels = [a, b].flatMap((each) => (each === undefined ? [] : [labelText(each.label)]));
  return [...new Set(labels)].join(" → ");
}

/** How far B lies from A and by how much it is larger: "moved 12.4 px, 4 px wider". Empty where nothing moved. */
export function movementText({ movedPx, grownPx }: Difference): string {
  if (movedPx === undefined || grownPx === undefined) return "";
  const [wider, higher] = grownPx;
  const parts = [
    movedPx >= 0.05 ? `moved ${formatPx(movedPx)} px` : "",
    sizeText(wider, "wider", "narrower"),
    sizeText(higher, "higher", "lower"),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function sizeText(px: number, more: string, less: string): string {
  if (Math.abs(px) < 0.05) return "";
  return `${formatPx(Math.abs(px))} px ${px > 0 ? more : less}`;
}
