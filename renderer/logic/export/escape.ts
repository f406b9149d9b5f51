/** Characters that XML 1.0 does not allow at all: controls but tab and line ends, non-characters, lone surrogates. */
const notXml =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for XML and HTML, in content as well as in quoted attributes. */
export function xmlText(text: string): string {
  return text.replace(notXml, "\ufffd").replace(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}

/** Text for a cell of a Markdown table: one line, nothing in it is markup or HTML. */
export function markdownText(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]()#+!|~]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;");
}

/** A JSON value on one line, also safe where U+2028 and U+2029 count as line ends. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value)
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
}
