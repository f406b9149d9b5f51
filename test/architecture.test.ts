import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";

/** The arrows of the house: who may import whom. A room is a folder, a layer of the window, or an entry file. */
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const rooms = {
  "app/contract": [],
  "app/presentation": ["app/contract"],
  "app/gguf": ["app/contract"],
  "app/truth": ["app/contract", "app/presentation"],
  "app/host": ["app/contract", "app/presentation", "app/gguf"],
  "app/engine": ["app/contract", "app/presentation", "app/gguf", "native"],
  "app/server": ["app/contract", "app/presentation", "app/host"],
  "app/mcp": ["app/contract", "app/presentation", "app/host"],
  "app/shell": ["app/contract", "app/host"],
  "app/cli": ["app/contract", "app/presentation", "app/truth", "app/host", "app/server", "app/mcp"],
  "app/cli.ts": ["app/contract", "app/host", "app/server", "app/cli"],
  "app/main.ts": ["app/contract", "app/host", "app/shell"],
  "app/preload.ts": ["app/contract", "app/shell"],
  "app/start": [],
  "app/start.ts": ["app/contract", "app/host", "app/start"],
  "app/setup.ts": [],
  "renderer/styles": [],
  "renderer/logic": ["app/contract", "app/presentation", "app/truth", "renderer/styles"],
  "renderer/client": ["app/contract", "renderer/logic"],
  "renderer/ui": ["app/contract", "app/presentation", "renderer/logic"],
  "renderer/store": [
    "app/contract",
    "app/presentation",
    "app/truth",
    "renderer/logic",
    "renderer/client",
    "renderer/ui",
  ],
  "renderer/views": [
    "app/contract",
    "app/presentation",
    "app/truth",
    "renderer/logic",
    "renderer/ui",
    "renderer/store",
  ],
  "renderer/main.tsx": ["renderer/styles", "renderer/logic", "renderer/client", "renderer/store", "renderer/views"],
  "renderer/vite-env.d.ts": [],
  native: [],
} as const satisfies Record<string, readonly string[]>;

type Room = keyof typeof rooms;

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

interface Import {
  readonly file: string;
  readonly room: Room;
  readonly specifier: string;
}

const posix = (file: string): string => file.split(path.sep).join("/");

function roomOf(file: string): Room | undefined {
  const names = Object.keys(rooms) as Room[];
  return names.find((room) => file === room || file.startsWith(`${room}/`));
}

function sourcesUnder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = posix(path.join(folder, entry.name));
    if (entry.isDirectory()) return entry.name === "build" ? [] : sourcesUnder(file);
    return /\.tsx?$/.test(entry.name) ? [file] : [];
  });
}

const sources = ["app", "renderer", "native"].flatMap(sourcesUnder);
const textOf = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** Static and dynamic imports and re-exports; comments cannot match because a quote must follow the keyword. */
function importsOf(text: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

const imports: Import[] = sources.flatMap((file) => {
  const room = roomOf(file);
  return room === undefined ? [] : importsOf(textOf(file)).map((specifier) => ({ file, room, specifier }));
});

/** The imported file, undefined for a package. */
function targetOf({ file, specifier }: Pick<Import, "file" | "specifier">): string | undefined {
  return specifier.startsWith(".") ? posix(path.normalize(path.join(path.dirname(file), specifier))) : undefined;
}

function forbidden(found: readonly Import[]): string[] {
  return found.flatMap(({ file, room, specifier }) => {
    const target = targetOf({ file, specifier });
    if (target === undefined) return [];
    const targetRoom = roomOf(target);
    if (targetRoom === room || target === "package.json") return [];
    const allowed: readonly string[] = rooms[room];
    return targetRoom !== undefined && allowed.includes(targetRoom) ? [] : [`${file} imports ${specifier}`];
  });
}

/** The imports that are part of a circle: those whose target leads back to the file. Imports of types count too. */
function circular(found: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const one of found) {
    const target = targetOf(one);
    if (target !== undefined) targets.set(one.file, [...(targets.get(one.file) ?? []), target]);
  }
  const reached = (file: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const target of targets.get(file) ?? []) reached(target, seen);
    return seen;
  };
  return [...targets].flatMap(([file, all]) =>
    all.filter((target) => reached(target).has(file)).map((target) => `${file} imports ${target}`),
  );
}

/** An import as it would be found in a file of that name. */
function planted(file: string, specifier: string): Import {
  const room = roomOf(file);
  if (room === undefined) throw new Error(`${file} is in no room.`);
  return { file, room, specifier };
}

/** Packages that are installed with `npm --prefix training ci` alone, which neither CI nor a user of the app does. */
function trainingPackages(): string[] {
  const names = (file: string) => {
    const { dependencies, devDependencies } = packageSchema.parse(JSON.parse(textOf(file)));
    return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  };
  const root = new Set(names("package.json"));
  return names("training/package.json").filter((name) => !root.has(name));
}

describe("the arrows of the house", () => {
  it("finds the sources it is meant to check", () => {
    expect(sources.length).toBeGreaterThan(40);
    expect(imports.length).toBeGreaterThan(80);
    expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it("runs one way only", () => {
    expect(forbidden(imports)).toEqual([]);
  });

  it("would notice an import upwards", () => {
    expect(forbidden([planted("app/contract/run.ts", "../host/types.ts")])).toHaveLength(1);
  });

  it.each([
    ["renderer/logic/run-view.ts", "../client/client.ts"],
    ["renderer/client/client.ts", "../store/app-store.ts"],
    ["renderer/ui/Button.tsx", "../store/use-app.tsx"],
    ["renderer/store/commands/exports.ts", "../../views/export/ExportMenu.tsx"],
    ["renderer/views/app/App.tsx", "../../client/client.ts"],
    ["renderer/logic/run-view.ts", "../../app/host/types.ts"],
  ])("would notice an import against the window's layers: %s of %s", (file, specifier) => {
    expect(forbidden([...imports, planted(file, specifier)])).toEqual([`${file} imports ${specifier}`]);
  });

  it("has no circle, of types neither", () => {
    expect(circular(imports)).toEqual([]);
  });

  it("would notice a circle of any length, and a file that imports itself", () => {
    const short = [planted("app/contract/index.ts", "./index.ts")];
    const long = [
      planted("app/host/a.ts", "./b/b.ts"),
      planted("app/host/b/b.ts", "../c.ts"),
      planted("app/host/c.ts", "./a.ts"),
    ];
    expect(circular([...imports, ...short])).toHaveLength(1);
    expect(circular([...imports, ...long])).toEqual([
      "app/host/a.ts imports app/host/b/b.ts",
      "app/host/b/b.ts imports app/host/c.ts",
      "app/host/c.ts imports app/host/a.ts",
    ]);
    expect(circular([...long.slice(0, 2), planted("app/host/c.ts", "zod")])).toEqual([]);
  });

  it("keeps electron in the shell", () => {
    const users = imports.filter(({ specifier }) => specifier === "electron" || specifier.startsWith("electron/"));
    const outside = users.filter(({ room }) => !["app/shell", "app/main.ts", "app/preload.ts"].includes(room));
    expect(outside.map(({ file }) => file)).toEqual([]);
    expect(users.length).toBeGreaterThan(0);
  });

  it("lets only native/ know where a .node file lies", () => {
    const knowing = sources.filter((file) => roomOf(file) !== "native" && /\.node["'`]/.test(textOf(file)));
    expect(knowing).toEqual([]);
  });

  it("lets only the host write to the user's disk", () => {
    const writers =
      /\b(writeFile|writeFileSync|createWriteStream|mkdir|mkdirSync|rename|renameSync|appendFile|appendFileSync|copyFile|copyFileSync|unlink|unlinkSync|rmSync|truncate)\b/;
    const outside = sources.filter((file) => {
      const room = roomOf(file);
      if (room === "app/host" || room === "native") return false;
      return /["'](node:)?fs(\/promises)?["']/.test(textOf(file)) && writers.test(textOf(file));
    });
    expect(outside).toEqual([]);
  });

  it("needs no package of training/ for what is tested of it", () => {
    const fromTraining = (file: string): string[] =>
      importsOf(textOf(file))
        .flatMap((specifier) => targetOf({ file, specifier }) ?? [])
        .filter((target) => target.startsWith("training/"));
    const reached = new Set<string>();
    const follow = (file: string): void => {
      for (const target of fromTraining(file)) {
        if (reached.has(target)) continue;
        reached.add(target);
        follow(target);
      }
    };
    sourcesUnder("test").forEach(follow);
    expect(reached.size).toBeGreaterThan(5);
    const own = trainingPackages();
    expect(own).toContain("antd");
    const users = [...reached].filter((file) =>
      importsOf(textOf(file)).some((specifier) =>
        own.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
      ),
    );
    expect(users).toEqual([]);
    // Negative control: the components' own files need them.
    expect(importsOf(textOf("training/pages/react/antd.tsx"))).toContain("antd");
  });

  it("gives the renderer no way to Node", () => {
    const nodeUsers = imports.filter(
      ({ file, specifier }) => file.startsWith("renderer/") && specifier.startsWith("node:"),
    );
    expect(nodeUsers.map(({ file }) => file)).toEqual([]);
  });
});
