import { invalidTruth } from "./document.ts";
import { isRecord } from "./loose.ts";

/** More classes than any dataset has; longer lists are something else. */
const maxClasses = 10_000;
const maxCharacters = 1_000_000;

/** Whether a file is one of those that name YOLO's classes: classes.txt, obj.names, data.yaml and the like. */
export function isClassFile(name: string): boolean {
  return /(?:^|[\\/_.-])(?:classes|labels|predefined_classes)\.txt$|\.names$|\.ya?ml$/i.test(name);
}

/**
 * Names of YOLO's classes by their numbers: a text with one name on each line, or a data.yaml with `names` as a list or
 * a map. Throws BAD_REQUEST.
 */
export async function readClassNames(text: string, name: string): Promise<readonly string[]> {
  if (text.length > maxCharacters) throw noClasses(name);
  if (!/\.ya?ml$/i.test(name)) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    while (lines.at(-1) === "") lines.pop();
    if (lines.length === 0 || lines.length > maxClasses) throw noClasses(name);
    return lines;
  }
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    // Aliases are how a small YAML becomes a huge value; no dataset needs them.
    value = parse(text, { maxAliasCount: 0, schema: "core", logLevel: "silent" });
  } catch {
    throw noClasses(name);
  }
  const names: unknown = isRecord(value) ? value.names : undefined;
  if (Array.isArray(names)) return names.slice(0, maxClasses).map(String);
  if (!isRecord(names)) throw noClasses(name);
  const classes: string[] = [];
  for (const [key, label] of Object.entries(names)) {
    const number = Number(key);
    if (Number.isInteger(number) && number >= 0 && number < maxClasses) classes[number] = String(label);
  }
  return Array.from(classes, (label = "") => label);
}

function noClasses(name: string) {
  return invalidTruth(
    `"${name}" names no classes.`,
    'Give a text with one name on each line, or a data.yaml with "names: [button, link]".',
  );
}
