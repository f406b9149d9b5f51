import type { Size } from "../contract/index.ts";

/** How many times smaller a model saw an image, as one factor for both sides; 1 if it was not shrunk. */
export function shrinkOf(shown: Size, input: Size): number {
  const factor = Math.sqrt((shown.width * shown.height) / (input.width * input.height));
  return Math.max(1, factor);
}

/** "shrunk 4.4 times"; undefined where it rounds to nothing. */
export function shrinkText(shown: Size, input: Size): string | undefined {
  const times = shrinkOf(shown, input).toFixed(1);
  return times === "1.0" ? undefined : `shrunk ${times} times`;
}
