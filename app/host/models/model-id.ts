import path from "node:path";

const maxLength = 64;

/** A short id made from a file name that none of `taken` has: "Holo1.5-7B Q4_K_M.gguf" becomes "holo1.5-7b-q4_k_m". */
export function uniqueModelId(fileName: string, taken: readonly string[]): string {
  const slug = path
    .basename(fileName)
    .replace(/\.gguf$/i, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, maxLength);
  const base = slug || "model";
  for (let number = 1; ; number++) {
    const ending = number === 1 ? "" : `-${number}`;
    const id = `${base.slice(0, maxLength - ending.length)}${ending}`;
    if (!taken.includes(id)) return id;
  }
}
