import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { repositoryRoot } from "../support/repository.ts";

const at = (...parts: string[]): string => path.join(repositoryRoot, ...parts);
const textOf = (file: string): string => readFileSync(file, "utf8");
const folders = readdirSync(at("renderer/views"));
const filesOf = (folder: string): readonly string[] => readdirSync(at("renderer/views", folder));
const componentsOf = (folder: string): readonly string[] =>
  filesOf(folder)
    .filter((file) => file.endsWith(".tsx"))
    .map((file) => textOf(at("renderer/views", folder, file)));

const maxLines = 250;
const maxInitialBytes = 350_000;

/** Names that specs find elements by: written out, or given to a primitive that writes them. */
const testIds = (text: string): readonly string[] =>
  [...text.matchAll(/(?:data-testid|testId)=(?:"|\{`)([\w-]+)/g)].map(([, id]) => id ?? "");

describe("the window's parts", () => {
  it(`keeps every component file within ${maxLines} lines`, () => {
    const parts = readdirSync(at("renderer"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".tsx"),
    );
    expect(parts.length).toBeGreaterThan(50);
    const long = parts.filter((file) => textOf(at("renderer", file)).split("\n").length - 1 > maxLines);
    expect(long).toEqual([]);
  });

  it.each(folders)("has view %s as a folder with component, styles and a browser spec that uses it", (folder) => {
    expect(componentsOf(folder)).not.toEqual([]);
    expect(filesOf(folder).filter((file) => file.endsWith(".module.css"))).not.toEqual([]);
    const specs = readdirSync(at("test/e2e"))
      .filter((file) => file.endsWith(".spec.ts"))
      .map((file) => textOf(at("test/e2e", file)))
      .join("\n");
    const used = componentsOf(folder)
      .flatMap(testIds)
      .filter((id) => specs.includes(id));
    expect(used).not.toEqual([]);
  });

  it("lets views change state through commands alone", () => {
    const reaching = folders.filter((folder) =>
      componentsOf(folder).some((text) => /\b(patch|update)\b[^;]*from "[^"]*app-store|\.setState\(/.test(text)),
    );
    expect(reaching).toEqual([]);
  });

  it(`loads at most ${maxInitialBytes / 1000} kB of JavaScript, gzipped, before the first screen`, () => {
    const page = at("dist/renderer/index.html");
    expect(existsSync(page), "run `npm run setup` first").toBe(true);
    const scripts = [...textOf(page).matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file ?? "");
    expect(scripts.length).toBeGreaterThan(0);
    const bytes = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(at("dist/renderer", file))).byteLength, 0);
    expect(bytes).toBeLessThanOrEqual(maxInitialBytes);
  });
});
