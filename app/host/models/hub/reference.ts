import { HoloscopeError } from "../../../contract/index.ts";

/** A repository of the hub, and the part of it that is wanted. */
export interface HubReference {
  /** "owner/name" */
  readonly repository: string;
  /** A quantisation ("Q4_K_M") or a file's path, if the reference names one. */
  readonly wanted: string | undefined;
}

/** Letters, digits, "-", "_" and "." as the hub allows them; neither "." nor "..". */
const namePattern = /^(?!\.{1,2}$)[\w.-]{1,96}$/;

/**
 * Reads "hf:owner/name", "hf:owner/name:Q4_K_M", "hf:owner/name:file.gguf" and "hf:owner/name/folder/file.gguf"; "hf:"
 * may be omitted; the address of the repository's web page works too. Throws BAD_REQUEST.
 */
export function parseReference(text: string): HubReference {
  const trimmed = text.trim();
  const plain = trimmed.replace(/^hf:(\/\/)?/i, "").replace(/^https?:\/\/[^/]+\//i, "");
  const [before = "", ...after] = plain.split(":");
  const [owner = "", name = "", ...rest] = before.split("/").filter((part) => part !== "");
  const inPath = rest[0] === "tree" || rest[0] === "blob" || rest[0] === "resolve" ? rest.slice(2) : rest;
  const wanted = after.join(":").trim() || inPath.join("/") || undefined;
  if (!namePattern.test(owner) || !namePattern.test(name)) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `"${trimmed.slice(0, 100)}" is no reference to a hub's repository.`,
      "Write it as hf:owner/name or hf:owner/name:Q4_K_M; holoscope models suggest shows some.",
    );
  }
  return { repository: `${owner}/${name}`, wanted };
}

/** Whether a listed path stays below our folder on every system. */
export function isSafePath(path: string): boolean {
  const parts = path.split("/");
  return (
    parts.length <= 8 && parts.every((part) => /^(?!\.)[^\\:*?"<>|\p{Cc}]{1,200}$/u.test(part) && !/[. ]$/.test(part))
  );
}
