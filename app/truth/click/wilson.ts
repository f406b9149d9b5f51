/** Quantile of the normal distribution for an interval of 95 %. */
const z = 1.959963984540054;

/**
 * Where the true part lies with 95 % confidence, if `correct` of `items` were right: E. B. Wilson's score interval (Journal
 * of the American Statistical Association 22, 1927, p. 209), which holds for few items and for parts near 0 and 1 too.
 * Both ends are 0..1. undefined without items.
 */
export function wilsonInterval(correct: number, items: number): readonly [low: number, high: number] | undefined {
  if (items <= 0) return undefined;
  const part = correct / items;
  const middle = part + (z * z) / (2 * items);
  const reach = z * Math.sqrt((part * (1 - part)) / items + (z * z) / (4 * items * items));
  const whole = 1 + (z * z) / items;
  // Exactly 0 and 1 where rounding would end beside them.
  const low = correct === 0 ? 0 : (middle - reach) / whole;
  return [low, correct === items ? 1 : (middle + reach) / whole];
}
