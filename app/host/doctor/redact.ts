export interface Redaction {
  readonly home: string;
  readonly user: string;
  readonly hostName: string;
  /** Replaced as a whole: its last part may tell as much as the others. */
  readonly dataFolder: string;
  /** Known names of images; other image files are recognised by their endings. */
  readonly imageNames: readonly string[];
  readonly keepPaths: boolean;
  readonly keepImageNames: boolean;
}

/**
 * Removes what identifies the user from a text: the home folder becomes "~", the folders of other paths "…", and the
 * names of the user, the machine and image files are replaced. Works on plain text and on JSON, in which Windows'
 * backslashes are doubled.
 */
export function redact(text: string, given: Redaction): string {
  const images = given.keepImageNames ? text : withoutImageNames(text, given.imageNames);
  if (given.keepPaths) return images;
  const named = withoutFolders(withoutHome(withoutText(images, given.dataFolder, "<data>"), given.home));
  return withoutWord(withoutWord(named, given.user, "<user>"), given.hostName, "<machine>");
}

/** Also replaces the folder's JSON spelling. */
export function withoutHome(text: string, home: string): string {
  return withoutText(text, home, "~");
}

/** Replaces a text and its JSON spelling; not one so short that it would match too much. */
function withoutText(text: string, wanted: string, instead: string): string {
  if (wanted.length < 2) return text;
  return text.replaceAll(JSON.stringify(wanted).slice(1, -1), instead).replaceAll(wanted, instead);
}

const pathWord = /[^\s"'`|,;()[\]{}]+/g;

/** Leaves the root and the last part of every absolute path: "/…/model.gguf". */
function withoutFolders(text: string): string {
  return text.replaceAll(pathWord, (word) => {
    const [root = "", ...rest] = word.split(/[\\/]+/);
    const last = rest.at(-1);
    if (rest.length < 2 || last === undefined || !/^(?:|~|[A-Za-z]:)$/.test(root)) return word;
    const separator = /[\\/]+/.exec(word)?.[0] ?? "/";
    return `${root}${separator}…${separator}${last}`;
  });
}

/** User names that identify nobody. */
const impersonal = new Set(["root", "user", "admin", "localhost", "node", "engine", "cpu", "log"]);

/** Replaces whole words, ignoring case; not names of one letter, which would match too much. */
function withoutWord(text: string, word: string, instead: string): string {
  const name = word.trim();
  if (name.length < 2 || impersonal.has(name.toLowerCase())) return text;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, "giu");
  return text.replaceAll(pattern, instead);
}

/** What a file name without spaces may be made of; a longer pattern would look at the rest of each word again and again. */
const word = /[^\s"'`/\\:|<>]+/g;
const imageEnding = /\.(?:png|jpe?g|webp|gif|avif|bmp|tiff?)\b/gi;
const quotedImageFile = /"[^"\n]{1,255}\.(?:png|jpe?g|webp|gif|avif|bmp|tiff?)"/gi;

function withoutImageNames(text: string, known: readonly string[]): string {
  const longestFirst = [...new Set(known)].filter((name) => name.length > 2).sort((a, b) => b.length - a.length);
  const named = longestFirst.reduce((rest, name) => withoutText(rest, name, "<image>"), text);
  return named.replaceAll(quotedImageFile, '"<image>"').replaceAll(word, withoutImageFile);
}

/** Replaces a word up to the last ending of an image file in it. */
function withoutImageFile(text: string): string {
  const last = [...text.matchAll(imageEnding)].at(-1);
  return last === undefined || last.index === 0 ? text : `<image>${text.slice(last.index + last[0].length)}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
