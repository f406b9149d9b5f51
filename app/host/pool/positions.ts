/** A waiting task as far as its place in the line goes. */
interface InLine {
  readonly engines: readonly string[];
  /** Whether an engine has room for it. */
  readonly mayStart: boolean;
}

/**
 * How many tasks must end before the turn of each comes, if engines that are out of order stay so: those before it that
 * wait for an engine of its own, and one that runs where no engine has room.
 */
export function positionsOf(line: readonly InLine[]): number[] {
  // Most tasks name the same engines, so few groups are compared.
  const groups = new Map<string, { readonly engines: ReadonlySet<string>; count: number }>();
  return line.map(({ engines, mayStart }) => {
    let ahead = 0;
    for (const group of groups.values()) if (engines.some((id) => group.engines.has(id))) ahead += group.count;
    const key = engines.join(" ");
    const own = groups.get(key) ?? { engines: new Set(engines), count: 0 };
    own.count++;
    groups.set(key, own);
    return ahead + (mayStart ? 0 : 1);
  });
}
