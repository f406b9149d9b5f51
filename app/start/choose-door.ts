/** Facts that decide whether a desktop window can be shown. */
export interface StartFacts {
  readonly platform: NodeJS.Platform;
  /** The user's id; undefined on Windows. */
  readonly userId: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments that are passed on to Electron. */
  readonly args: readonly string[];
}

/**
 * Why no window can be shown on this machine even with the Electron runtime, in words that finish "No desktop window:";
 * undefined if one can. As root Chromium refuses to start unless its sandbox is switched off. That is never done
 * unasked: only an explicit `npm start -- --no-sandbox` does it.
 */
export function whyNoWindow({ platform, userId, env, args }: StartFacts): string | undefined {
  if (platform !== "linux") return undefined;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return "this session has no display";
  if (userId === 0 && !args.includes("--no-sandbox"))
    return "Chromium's sandbox does not work for root (start it as an ordinary user)";
  return undefined;
}
