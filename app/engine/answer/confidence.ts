import type { Span } from "./parser.ts";

/** One token of the answer: where its characters stand and how probable the model itself found it. */
export interface ScoredToken extends Span {
  /** Natural log of the model's probability of this token, before the grammar. */
  readonly logProb: number;
  /** The token says nothing about the element: the limit of detections forced it (see {@link confidence}). */
  readonly ignored?: boolean;
}

/**
 * Confidence of one element, 0..1: the geometric mean of the model's own probabilities of the tokens that carry it,
 *
 *     confidence = exp( (1/n) * sum over the n tokens of ln p(token) )
 *
 * A token carries the element if it overlaps one of its coordinate numbers or its label's value by at least one
 * character. p is the softmax over all logits before the grammar, so an answer that the grammar had to bend scores low.
 * A token may hold more than that (`],"label":"button"},{"bbox_2d":[` is one token of the bundled detector): its
 * probability then also covers the model's choice to go on with another element.
 *
 * Left out is the one token that the limit of detections forces to end the list: the model may have been sure of its
 * label and only have wanted to go on. An element without any such token has confidence 0.
 *
 * @param tokens in the order of the answer (their starts never decrease)
 */
export function confidence(tokens: readonly ScoredToken[], spans: readonly Span[]): number {
  let sum = 0;
  let count = 0;
  for (const token of tokens) {
    if (token.ignored || !spans.some((span) => overlaps(token, span))) continue;
    sum += token.logProb;
    count++;
  }
  if (count === 0) return 0;
  const mean = Math.exp(sum / count);
  return Number.isFinite(mean) ? Math.min(1, Math.max(0, mean)) : 0;
}

export function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}
