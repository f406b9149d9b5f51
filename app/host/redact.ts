export interface Redaction {
  readonly home: string;
  readonly user: string;
  readonly hostName: string;
  /** Names of images that the application knows; other image files are found by their endings. */
  readonly imageNames: readonly string[];
  readonly keepPaths: boolean;
  readonly keepImageNames: boolean;
}

/**
 * A text without what tells who wrote it: the home folder reads "~", the user's and the machine's name and the names of
 * image files are replaced. Works on plain text and on JSON, in which Windows' backslashes are doubled.
 */
export function redact(text: string, given: Redaction): string {
  const images = given.keepImageNames ? text : withoutImageNames(text, given.imageNames);
  if (given.keepPaths) return images;
  const named = withoutHome(images, given.home);
  return withoutWord(withoutWord(named, given.user, "<user>"), given.hostName, "<machine>");
}

/** Also in its JSON spelling. */
export function withoutHome(text: string, home: string): string {
  if (home.length < 2) return text;
  return text.replaceAll(JSON.stringify(home).slice(1, -1), "~").replaceAll(home, "~");
}

/** Words that are no one's name, although systems use them as one. */
const impersonal = new Set(["root", "user", "admin", "localhost", "node", "engine", "cpu", "log"]);

/** Whole words only, in any spelling of capitals; a name of one letter would hit too much. */
function withoutWord(text: string, word: string, instead: string): string {
  const name = word.trim();
  if (name.length < 2 || impersonal.has(name.toLowerCase())) return text;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, "giu");
  return text.replaceAll(pattern, instead);
}

const imageFile = /[^\s"'`/\\:|<>]+\.(?:png|jpe?g|webp|gif|avif|bmp|tiff?)\b/gi;
const quotedImageFile = /"[^"\n]{1,255}\.(?:png|jpe?g|webp|gif|avif|bmp|tiff?)"/gi;

function withoutImageNames(text: string, known: readonly string[]): string {
  const longestFirst = [...new Set(known)].filter((name) => name.length > 2).sort((a, b) => b.length - a.length);
  const named = longestFirst.reduce(
    (rest, name) => rest.replaceAll(JSON.stringify(name).slice(1, -1), "<image>").replaceAll(name, "<image>"),
    text,
  );
  return named.replaceAll(quotedImageFile, '"<image>"').replaceAll(imageFile, "<image>");
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
