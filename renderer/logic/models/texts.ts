import type { GgufSummary, RemoteFile } from "../../../app/contract/index.ts";
import { formatBytes } from "../../../app/presentation/numbers.ts";

/** The quantisation that a header states, else the type that holds most of its bytes. */
export function weightType({ quantisation, tensorTypes }: GgufSummary): string {
  const [largest] = Object.entries(tensorTypes).sort(([, a], [, b]) => b.bytes - a.bytes);
  return (quantisation ?? largest?.[0] ?? "unknown").toUpperCase();
}

/** Number of bf16 tensors of a file. */
export function bf16Count({ bf16Tensors }: GgufSummary): number {
  return bf16Tensors?.length ?? 0;
}

/** The last part of a path of either kind of system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** A file of a listing as a choice: "Q4_K_M, 4.7 GB, Holo1.5-7B.Q4_K_M.gguf". */
export function remoteFileText({ path, bytes, quantisation, parts }: RemoteFile): string {
  const split = parts.length > 1 ? [`${parts.length} parts`] : [];
  return [quantisation ?? "unnamed type", formatBytes(bytes), ...split, fileName(path)].join(", ");
}

/** The command that imports a pair, for a shell: paths in double quotes. */
export function importCommand(model: string, mmproj: string): string {
  const quoted = (path: string) => `"${path.trim().replace(/(["$`])/g, "\\$1")}"`;
  const second = mmproj.trim() === "" ? "" : ` --mmproj ${quoted(mmproj)}`;
  return `holoscope models import ${quoted(model)}${second}`;
}
