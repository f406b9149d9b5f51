import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryRoot } from "../support/repository.ts";

const root = path.join(repositoryRoot, "renderer");
const files = readdirSync(root, { recursive: true, encoding: "utf8" });
const textOf = (file: string): string => readFileSync(path.join(root, file), "utf8");
const sheets = files.filter((file) => file.endsWith(".module.css"));
const sources = files
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ folder: path.dirname(file), text: textOf(file) }));

/** Names of the classes that a style sheet styles, without those of other sheets that it refers to. */
function classesOf(css: string): readonly string[] {
  const selectors = css
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/:global\([^)]*\)/g, "")
    .match(/[^{};]+(?=\{)/g);
  return [...new Set(selectors?.join(" ").match(/(?<=\.)[A-Za-z][\w-]*/g))];
}

/** The sources that import a sheet, each with the name it gives to it. */
function importersOf(sheet: string): readonly { readonly name: string; readonly text: string }[] {
  return sources.flatMap(({ folder, text }) =>
    [...text.matchAll(/import (\w+) from "([^"]+\.module\.css)"/g)].flatMap(([, name = "", file = ""]) =>
      path.join(folder, file) === path.normalize(sheet) ? [{ name, text }] : [],
    ),
  );
}

/** Classes of a sheet that no component names. One that reads a class by a variable (`styles[look]`) may use any. */
function unusedClasses(sheet: string): readonly string[] {
  const importers = importersOf(sheet);
  if (importers.some(({ name, text }) => text.includes(`${name}[`))) return [];
  return classesOf(textOf(sheet)).filter(
    (each) => !importers.some(({ name, text }) => new RegExp(`\\b${name}\\.${each}\\b`).test(text)),
  );
}

/** Class names that sources and sheets take from base.css: in `className`, `cx` or `composes: ... from global`. */
const words = [
  ...sources.flatMap(({ text }) => [...text.matchAll(/"([^"\n]*)"/g)].map(([, found = ""]) => found)),
  ...sheets.flatMap((sheet) =>
    [...textOf(sheet).matchAll(/composes: ([^;]+) from global/g)].map(([, found = ""]) => found),
  ),
  ...sheets.flatMap((sheet) => [...textOf(sheet).matchAll(/:global\(\.([^)]+)\)/g)].map(([, found = ""]) => found)),
].flatMap((text) => text.split(" "));

describe("style sheets", () => {
  it("are there to be checked", () => {
    expect(sheets.length).toBeGreaterThan(40);
    expect(classesOf(".a > .b:not(.c) { x: url(d.e) } /* .f {} */ .g :global(.h) { y: 0.5 }")).toEqual([
      "a",
      "b",
      "c",
      "g",
    ]);
  });

  it.each(sheets)("%s has no class that nothing uses", (sheet) => {
    expect(unusedClasses(sheet)).toEqual([]);
  });

  it("share no look that nothing uses", () => {
    expect(classesOf(textOf("styles/base.css")).filter((each) => !words.includes(each))).toEqual([]);
  });

  it("take every shared look from base.css", () => {
    const shared = new Set(classesOf(textOf("styles/base.css")));
    const taken = sheets.flatMap((sheet) =>
      [...textOf(sheet).matchAll(/composes: ([^;]+) from global/g)].flatMap(([, found = ""]) => found.split(" ")),
    );
    expect(taken.filter((each) => !shared.has(each))).toEqual([]);
  });
});
