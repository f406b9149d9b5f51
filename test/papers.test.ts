import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryRoot } from "./support/repository.ts";

const papers = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "native/patches/README.md",
  "resources/docs/eval.md",
  "resources/docs/mcp.md",
  "resources/docs/security.md",
];
const textOf = (file: string): string => readFileSync(path.join(repositoryRoot, file), "utf8");
const tracked = new Set(execFileSync("git", ["ls-files"], { cwd: repositoryRoot, encoding: "utf8" }).split("\n"));
const folders = ["app", "renderer", "native", "resources", "test", "training", ".github", ".ci"];

/** Paths of the repository that a text names between backticks; what has spaces is a command, not a path. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`([\w.][\w./-]*)`/g)]
    .map(([, name = ""]) => name)
    .filter((name) => folders.some((folder) => name === folder || name.startsWith(`${folder}/`)));
}

/** Files that a text links to; what leads to the web or into the page itself is left out. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, name = ""]) => name);
}

const isTracked = (name: string): boolean =>
  tracked.has(name) || [...tracked].some((file) => file.startsWith(`${name.replace(/\/$/, "")}/`));

describe("the papers", () => {
  it("name files and folders that exist in ARCHITECTURE.md's walks", () => {
    const named = pathsIn(textOf("ARCHITECTURE.md"));
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !isTracked(name))).toEqual([]);
  });

  it.each(papers)("of %s name paths and link to files that exist", (paper) => {
    const text = textOf(paper);
    expect(pathsIn(text).filter((name) => !isTracked(name) && !name.startsWith("native/build"))).toEqual([]);
    const missing = linksIn(text).filter((link) => !existsSync(path.join(repositoryRoot, path.dirname(paper), link)));
    expect(missing).toEqual([]);
  });

  it("would notice a path that is gone, and a link to nothing", () => {
    expect(pathsIn("see `app/host/gone.ts` and `npm test`")).toEqual(["app/host/gone.ts"]);
    expect(isTracked("app/host/gone.ts")).toBe(false);
    expect(linksIn("[a](b.md#c), [d](https://e.org), [f](#g)")).toEqual(["b.md"]);
  });
});
