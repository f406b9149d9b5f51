import type { Kit } from "../kits.ts";
import type { Random } from "../random.ts";
import type { Widgets } from "../widgets.ts";

type Painter = new (kit: Kit, random: Random) => Widgets;

/** Loaded when the first page asks for it; Node keeps the module, so that later pages do not pay for it. */
const painters = {
  antd: async (): Promise<Painter> => (await import("./antd.tsx")).AntdWidgets,
  mui: async (): Promise<Painter> => (await import("./mui.tsx")).MuiWidgets,
  mantine: async (): Promise<Painter> => (await import("./mantine.tsx")).MantineWidgets,
} as const;

export type ReactLibrary = keyof typeof painters;

/** What draws one page's parts with a library of React components. */
export async function reactWidgets(library: ReactLibrary, kit: Kit, random: Random): Promise<Widgets> {
  const Painter = await painters[library]();
  return new Painter(kit, random);
}
