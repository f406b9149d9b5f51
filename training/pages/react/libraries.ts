import type { Kit, ReactLibrary } from "../kits.ts";
import type { Random } from "../random.ts";
import type { Widgets } from "../widgets.ts";

type Painter = new (kit: Kit, random: Random) => Widgets;

/** Loaded when the first page asks for it; Node keeps the module, so that later pages do not pay for it. */
const painters: Readonly<Record<ReactLibrary, () => Promise<Painter>>> = {
  antd: async () => (await import("./antd.tsx")).AntdWidgets,
  mui: async () => (await import("./mui.tsx")).MuiWidgets,
  mantine: async () => (await import("./mantine.tsx")).MantineWidgets,
  fluent: async () => (await import("./fluent.tsx")).FluentWidgets,
  carbon: async () => (await import("./carbon.tsx")).CarbonWidgets,
};

/** What draws one page's parts with a library of React components. */
export async function reactWidgets(library: ReactLibrary, kit: Kit, random: Random): Promise<Widgets> {
  const Painter = await painters[library]();
  return new Painter(kit, random);
}
