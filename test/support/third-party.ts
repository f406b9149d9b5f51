import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  homepage: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
type Manifest = z.infer<typeof manifestSchema>;

interface Package {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Installed for compiling the addon only; never part of what is shipped. */
const buildOnly: readonly string[] = ["cmake-js", "node-addon-api", "node-api-headers"];

function readPackage(folder: string): Package | undefined {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  return { folder, manifest: manifestSchema.parse(JSON.parse(readFileSync(file, "utf8"))) };
}

/** Where Node finds a package from a folder; undefined for optional packages of other platforms. */
function resolvePackage(name: string, from: string, root: string): Package | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = readPackage(path.join(folder, "node_modules", name));
    if (found !== undefined || folder === root) return found;
  }
}

/** Names of the packages that sources import: they are bundled, whether or not they count as development packages. */
function importedPackages(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|css)$/.test(entry.name))
    .flatMap((entry) => {
      const text = readFileSync(path.join(entry.parentPath, entry.name), "utf8");
      return [...text.matchAll(/(?:from|import)\s+["']((?:@[\w.-]+\/)?[a-z][\w.-]*)/g)].map((match) => match[1] ?? "");
    })
    .filter((name) => !name.startsWith("node:"));
}

function licenceText(folder: string): string | undefined {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)([.-].*)?$/i.test(name));
  return file === undefined ? undefined : readFileSync(path.join(folder, file), "utf8").trim();
}

function section(title: string, licence: string, homepage: string | undefined, text: string | undefined): string {
  const head = [title, `Licence: ${licence}`, ...(homepage === undefined ? [] : [homepage])].join("\n");
  return text === undefined ? head : `${head}\n\n${text}`;
}

/**
 * The notices of everything that is shipped: the packages in the asar, those bundled into the page, and llama.cpp.
 * (Electron and Chromium bring their own files.) Throws if llama.cpp's sources were not unpacked by the native build.
 * @param root the repository
 */
export function thirdPartyNotices(root: string): string {
  const own = readPackage(root);
  if (own === undefined) throw new Error(`No package.json in ${root}`);
  const found = new Map<string, Package>();
  const visit = (name: string, from: string): void => {
    if (buildOnly.includes(name)) return;
    const known = resolvePackage(name, from, root);
    if (known === undefined || found.has(known.folder)) return;
    found.set(known.folder, known);
    const { dependencies, optionalDependencies } = known.manifest;
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, known.folder);
  };
  for (const name of [...Object.keys(own.manifest.dependencies), ...importedPackages(path.join(root, "renderer"))])
    visit(name, root);

  const packages = [...found.values()].sort((a, b) => a.manifest.name.localeCompare(b.manifest.name, "en"));
  const llamaCpp = readFileSync(path.join(root, "native/build/llama.cpp/LICENSE"), "utf8").trim();
  const sections = [
    section("llama.cpp (libllama, ggml, libmtmd)", "MIT", "https://github.com/ggml-org/llama.cpp", llamaCpp),
    ...packages.map(({ folder, manifest }) =>
      section(
        `${manifest.name} ${manifest.version}`,
        typeof manifest.license === "object" ? manifest.license.type : (manifest.license ?? "see its package"),
        manifest.homepage,
        licenceText(folder),
      ),
    ),
  ];
  const line = `\n\n${"-".repeat(80)}\n\n`;
  return `Holoscope contains or is linked with the works below, each under its own licence.${line}${sections.join(line)}\n`;
}
