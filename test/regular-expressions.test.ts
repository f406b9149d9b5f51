import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { analyse } from "scslre";
import { parseSync } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import { redact } from "../app/host/doctor/redact.ts";
import { repositoryRoot } from "./support/repository.ts";

/**
 * No regular expression of the application may take more than linear time on text from outside: one that looks at the
 * same characters again and again blocks its whole process. Two rules, since neither sees everything: the analysis of
 * scslre, and no searching pattern (one not bound to the text's beginning) in which "any characters" must be followed
 * by something else. A pattern that breaks a rule is fine upon short texts: then its file is listed here, with who
 * keeps them short.
 */
const shortTexts: Readonly<Record<string, string>> = {
  "app/engine/operators/layers.ts": "names of nodes; ggml cuts them at 64 characters",
  "app/engine/families/by-kind.ts": "targets; the contract allows 2000 characters",
  "app/host/doctor/facts/device-facts.ts": "lines of the engine's log, which EngineLog cuts at 2000 characters",
  "app/host/doctor/facts/encoder-facts.ts": "lines of the engine's log, which EngineLog cuts at 2000 characters",
  "app/host/doctor/facts/engine-facts.ts": "lines of the engine's log, which EngineLog cuts at 2000 characters",
  "app/host/engine/backends.ts": "the first 2000 characters of an error",
  "app/host/engine/crash-reason.ts": "lines of the engine's output, which OutputTail cuts at 2000 characters",
  "app/host/models/hub/hub-client.ts": "a header of an answer; Node refuses more than 16 KiB of headers",
  "renderer/logic/export/report-html.ts": "our own style sheet",
};

/** Where patterns are made from texts, which the analysis cannot see; each escapes or chooses what it puts in. */
const madePatterns = [
  "app/host/doctor/facts/device-facts.ts",
  "app/host/doctor/facts/engine-facts.ts",
  "app/host/doctor/redact.ts",
  "app/host/models/quantisation.ts",
];

interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

const characterClass = /\[(?:\\.|[^\]\\])*\]/g;
const anyCharacters = /(?:(?<!\\)\.|\\S|\[\^\])[*+](?!\??\)*\$?$)/;

function problem({ source, flags }: Pattern): string | undefined {
  const { reports } = analyse({ source, flags });
  const [first] = reports;
  if (first !== undefined) return `${first.exponential ? "exponential" : "quadratic"} (${first.type})`;
  const searches = !/^(?:\^|\(\?:\^|\(\?<)/.test(source);
  const withoutClasses = source.replaceAll(characterClass, (text) => (text.startsWith("[^") ? "[^]" : "[]"));
  return searches && anyCharacters.test(withoutClasses)
    ? "searches for any characters before something else"
    : undefined;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(repositoryRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.replaceAll(path.sep, "/")}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Calls back for every node of a syntax tree. */
function visit(node: unknown, each: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const one of node) visit(one, each);
  else if (isRecord(node)) {
    each(node);
    for (const child of Object.values(node)) visit(child, each);
  }
}

describe("regular expressions", () => {
  const patterns: Pattern[] = [];
  const makers = new Set<string>();
  beforeAll(() => {
    for (const file of [...sourceFiles("app"), ...sourceFiles("renderer")]) {
      const { program } = parseSync(file, readFileSync(path.join(repositoryRoot, file), "utf8"));
      visit(program, ({ type, regex, callee }) => {
        if (type === "Literal" && isRecord(regex)) {
          patterns.push({ file, source: String(regex.pattern), flags: String(regex.flags) });
        }
        const makes = type === "NewExpression" || type === "CallExpression";
        if (makes && isRecord(callee) && callee.name === "RegExp") makers.add(file);
      });
    }
  });

  it("are found", () => {
    expect(patterns.length).toBeGreaterThan(150);
  });

  it("take linear time, or read texts that are listed as short", () => {
    const broken = patterns
      .filter(({ file }) => !Object.hasOwn(shortTexts, file))
      .flatMap((pattern) => {
        const why = problem(pattern);
        return why === undefined ? [] : [`${pattern.file}: /${pattern.source}/${pattern.flags} ${why}`];
      });
    expect(broken).toEqual([]);
  });

  it("need every entry of the lists", () => {
    const needed = patterns.filter((pattern) => problem(pattern) !== undefined).map(({ file }) => file);
    expect(Object.keys(shortTexts).filter((file) => !needed.includes(file))).toEqual([]);
    expect([...makers].sort()).toEqual([...madePatterns].sort());
  });

  it.each([
    "[A-Za-z0-9+/_\\s-]*[=\\s]*$",
    "^[A-Za-z0-9+/_\\s-]*[=\\s]*$",
    "[^\\s/]+\\.png",
    "\\s+$",
    "(a+)+$",
    "begin .* end",
    "<([^>]+)>;",
  ])("the rules know %s as slow", (source) => {
    expect(problem({ file: "", source, flags: "" })).toBeDefined();
  });

  it.each(["[^A-Za-z0-9]", "^\\d+$", "(?<!\\s)\\s+$", "^a.*", "\\.png\\b"])("the rules let %s be", (source) => {
    expect(problem({ file: "", source, flags: "" })).toBeUndefined();
  });
});

describe("redact", () => {
  const options = {
    home: "/home/ada",
    user: "ada",
    hostName: "box",
    dataFolder: "/data",
    imageNames: [],
    keepPaths: false,
    keepImageNames: false,
  };

  it("ends on names of a million characters", () => {
    for (const letter of ["a", ".", "a.", '"', ".png."]) {
      const text = letter.repeat(1_000_000);
      expect(redact(text, options).length).toBeLessThanOrEqual(text.length);
    }
  });

  it("still replaces image files of every kind", () => {
    const text = "saw /tmp/my.shot.png, b.JPEG: c.pngx d.png.bak .png a.png.webp";
    expect(redact(text, options)).toBe("saw /…/<image>, <image>: c.pngx <image>.bak .png <image>");
  });
});
