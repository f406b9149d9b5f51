import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { findLayout, locateAddon } from "../../native/locate.ts";
import { ALL_VARIANTS } from "../../native/variants.ts";
import manifest from "../../package.json" with { type: "json" };
import { type PackedApp, packStandIn } from "../support/packed-app.ts";
import { detectInPackedEngine } from "../support/packed-engine.ts";
import { repositoryRoot } from "../support/repository.ts";
import { fuseSentinel } from "../support/stand-in-electron.ts";

/** Paths of all files below a folder, with forward slashes. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
}

/** The package that a file in node_modules belongs to, nested ones by their own name. */
function packageOf(file: string): string | undefined {
  return file.match(/^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
}

const packagesOf = (files: readonly string[]): string[] =>
  [...new Set(files.map(packageOf).filter((name) => name !== undefined))].sort();

/** Whether only development needs a package, by its folder. */
const lock = z
  .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
  .parse(JSON.parse(readFileSync(path.join(repositoryRoot, "package-lock.json"), "utf8"))).packages;

const target = `linux-${process.arch}`;
const variants = ALL_VARIANTS.filter((variant) =>
  existsSync(path.join(repositoryRoot, "native/build/out", variant, "holoscope.node")),
);

// The stand-in has the file names of Electron for Linux; elsewhere the workflow packs the real runtime.
const reason = process.platform === "linux" ? undefined : `packs a stand-in for Linux, this is ${process.platform}`;
if (reason !== undefined) console.log(`skipped: packaging (${reason})`);

describe.skipIf(reason !== undefined)("the packaged application", () => {
  let app: PackedApp;
  let extracted: string;
  beforeAll(() => {
    app = packStandIn();
    extracted = app.extract();
  });
  afterAll(() => app?.dispose());

  describe("outside the asar", () => {
    it("has exactly the resources it needs", () => {
      expect(readdirSync(app.resources).sort()).toEqual(
        ["app.asar", "app.asar.unpacked", "licences", "models", "native", "samples"].sort(),
      );
      expect(variants).toContain("cpu");
      expect(filesBelow(path.join(app.resources, "native"))).toEqual(
        variants.map((variant) => `${variant}/holoscope.node`).sort(),
      );
      for (const name of ["models", "samples"])
        expect(filesBelow(path.join(app.resources, name))).toEqual(
          filesBelow(path.join(repositoryRoot, "resources", name)),
        );
    });

    it("has the program under our name, without the distribution's own start page", () => {
      const top = readdirSync(app.folder);
      expect(top).toContain("holoscope");
      expect(statSync(path.join(app.folder, "holoscope")).mode & 0o111).toBe(0o111);
      expect(top).not.toContain("electron");
      expect(top).not.toContain("version");
    });

    it("has the licences of everything that is shipped", () => {
      expect(readFileSync(path.join(app.resources, "licences/Holoscope.txt"), "utf8")).toContain("MIT");
      const notices = readFileSync(path.join(app.resources, "licences/third-party.txt"), "utf8");
      expect(notices).toContain("ggml authors");
      const named = [...notices.matchAll(/^(\S+) \S+\nLicence: /gm)].map((match) => match[1]);
      expect(packagesOf(app.asarFiles).filter((name) => !named.includes(name))).toEqual([]);
      // Bundled into the page, so not in node_modules.
      expect(named).toEqual(expect.arrayContaining(["react-dom", "zustand"]));
      expect(named).not.toContain("vite");
      expect(readdirSync(app.folder)).toEqual(
        expect.arrayContaining(["LICENSE.electron.txt", "LICENSES.chromium.html"]),
      );
    });

    it("has the fuses set as electron-builder.yml says", () => {
      const program = readFileSync(path.join(app.folder, "holoscope"), "latin1");
      const wire = program.slice(program.indexOf(fuseSentinel) + fuseSentinel.length + 2).trim();
      // runAsNode, cookie encryption, NODE_OPTIONS, inspect, asar integrity, only from asar, V8 snapshot, file protocol
      expect(wire).toBe("00001100");
    });
  });

  describe("the asar", () => {
    it("holds the bundles of main, preload, engine and page, and no other sources", () => {
      const own = app.asarFiles.filter((file) => !file.startsWith("node_modules/"));
      expect(own.filter((file) => !file.startsWith("dist/"))).toEqual(["package.json"]);
      expect(own).toEqual(
        expect.arrayContaining([
          "dist/main/main.js",
          "dist/preload/preload.cjs",
          "dist/engine/engine.js",
          "dist/renderer/index.html",
        ]),
      );
      expect(own).not.toContain("dist/main/cli.js");
      expect(own).not.toContain("dist/main/start.js");
    });

    it("holds no sources, tests, maps or files that only compiling needs", () => {
      const unwanted =
        /\.(ts|mts|cts|tsx|map|c|cc|cpp|h|hpp|gyp|gypi|bundle|md|o|a)$|(^|\/)(test|tests|__tests__|\.github)\/|CMakeLists|training\//;
      expect(app.asarFiles.filter((file) => unwanted.test(file))).toEqual([]);
      expect(app.asarFiles.filter((file) => file.startsWith("node_modules/node-llama-cpp/llama/"))).toEqual([
        "node_modules/node-llama-cpp/llama/binariesGithubRelease.json",
        "node_modules/node-llama-cpp/llama/llama.cpp.info.json",
      ]);
    });

    it("holds no development or build-only packages", () => {
      // What a package of the application needs as well is no development package.
      const development = Object.keys(manifest.devDependencies).filter((name) => lock[`node_modules/${name}`]?.dev);
      expect(development.length).toBeGreaterThan(10);
      const unwanted = [...development, "cmake-js", "node-addon-api", "node-api-headers"];
      const topLevel = packagesOf(app.asarFiles.filter((file) => file.lastIndexOf("node_modules/") === 0));
      expect(topLevel.filter((name) => unwanted.includes(name))).toEqual([]);
      expect(
        topLevel.filter((name) => /^@(typescript|types|vitejs|playwright|biomejs)\/|^(cmake|ninja)-runtime/.test(name)),
      ).toEqual([]);
    });

    it("leaves every binary beside it, where the loader can open it", () => {
      const binaries = app.asarFiles.filter((file) => /\.(node|so|dylib|dll|exe)(\.[\d.]+)?$/.test(file));
      expect(binaries.length).toBeGreaterThan(5);
      expect(binaries.filter((file) => !app.unpackedFiles.includes(file))).toEqual([]);
      for (const file of app.unpackedFiles)
        expect(existsSync(path.join(app.resources, "app.asar.unpacked", file)), file).toBe(true);
    });

    it("has the target's binary packages and no others", () => {
      const installed = readdirSync(path.join(repositoryRoot, "node_modules/@node-llama-cpp"));
      const expected = installed.filter(
        (name) => (name === target || name.startsWith(`${target}-`)) && !name.endsWith("-ext"),
      );
      const packages = packagesOf(app.unpackedFiles);
      expect(packages.filter((name) => name.startsWith("@node-llama-cpp/"))).toEqual(
        expected.map((name) => `@node-llama-cpp/${name}`).sort(),
      );
      const images = packages.filter((name) => name.startsWith("@img/sharp"));
      expect(images).toEqual([`@img/sharp-libvips-${target}`, `@img/sharp-${target}`].sort());
    });

    it("has a preload that needs nothing but electron, as the sandbox demands", () => {
      const preload = readFileSync(path.join(extracted, "dist/preload/preload.cjs"), "utf8");
      const required = [...preload.matchAll(/\brequire\(\s*["']([^"']+)["']\s*\)/g)].map((match) => match[1]);
      expect(required).toEqual(["electron"]);
    });
  });

  describe("where it looks for things", () => {
    it("finds every package that its bundles import", () => {
      const bundles = filesBelow(path.join(extracted, "dist")).filter((file) => /^(main|engine)\/.*\.js$/.test(file));
      const specifiers = bundles.flatMap((file) =>
        [
          ...readFileSync(path.join(extracted, "dist", file), "utf8").matchAll(
            /(?:^import[^"'\n]*|^} from |\bimport\()["']([^"'./][^"']*)["']/gm,
          ),
        ].map((match) => match[1] ?? ""),
      );
      const known = ["electron", ...builtinModules];
      const packages = [...new Set(specifiers)].filter((name) => !name.startsWith("node:") && !known.includes(name));
      expect(packages).toEqual(expect.arrayContaining(["zod", "sharp", "node-llama-cpp"]));
      const program = `for (const name of ${JSON.stringify(packages)}) await import(name);`;
      const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
        cwd: extracted,
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(status).toBe(0);
    });

    it("locates the addon and its libraries from inside the asar", () => {
      const engine = new URL(`file://${app.resources}/app.asar/dist/engine/engine.js`).href;
      const layout = findLayout(engine, app.resources);
      if (layout === undefined) throw new Error("no layout");
      for (const variant of variants) {
        const located = locateAddon(layout, variant);
        expect(located?.addon).toBe(path.join(app.resources, "native", variant, "holoscope.node"));
        expect(located?.binaries.bins).toContain(path.join("app.asar.unpacked", "node_modules", "@node-llama-cpp"));
      }
    });

    it.each(variants)("resolves the libraries of the %s addon to the unpacked ones", (variant) => {
      const addon = path.join(app.resources, "native", variant, "holoscope.node");
      const lines = execFileSync("ldd", [addon], { encoding: "utf8" }).split("\n");
      const ours = lines.filter((line) => /lib(llama|ggml)/.test(line));
      expect(ours.length).toBeGreaterThanOrEqual(3);
      const unpacked = path.join(realpathSync(app.resources), "app.asar.unpacked");
      for (const line of ours) {
        const file = line.match(/=> (\S+) \(/)?.[1];
        expect(file === undefined ? line : realpathSync(file)).toContain(unpacked);
      }
    });

    it("detects with the packed engine, addon, model and sample", async () => {
      const { detections, llamaCppRelease } = await detectInPackedEngine(extracted, app.resources);
      expect(llamaCppRelease).toMatch(/^v\d/);
      expect(detections.length).toBeGreaterThanOrEqual(10);
    });
  });
});
