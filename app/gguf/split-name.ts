import path from "node:path";

/** A file name as llama.cpp gives it to a part of a split model: "name-00002-of-00003.gguf". */
interface SplitName {
  readonly stem: string;
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** Far above any published model: the name of a file is no reason to look for 99,999 others. */
const maxParts = 1000;

/** Reads such a name; undefined for any other. Scheme: llama_split_path in llama.cpp. */
export function splitNameOf(file: string): SplitName | undefined {
  const [, stem, number, count] = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i.exec(path.basename(file)) ?? [];
  if (stem === undefined) return undefined;
  const [own, all] = [Number(number), Number(count)];
  return own >= 1 && own <= all && all <= maxParts ? { stem, number: own, count: all } : undefined;
}

/** The file of the part `number` (from 1) beside another part; it may not exist. */
export function partBeside(file: string, { stem, count }: SplitName, number: number): string {
  const digits = (value: number): string => String(value).padStart(5, "0");
  // The ending as it is written there, for file systems that tell "GGUF" from "gguf".
  const name = `${stem}-${digits(number)}-of-${digits(count)}${file.slice(-".gguf".length)}`;
  return path.join(path.dirname(file), name);
}

/** All parts of the model that a file belongs to by its name, in order, missing ones too; of any other name the file. */
export function partPaths(file: string): string[] {
  const name = splitNameOf(file);
  if (name === undefined || name.count === 1) return [file];
  return Array.from({ length: name.count }, (_, index) => partBeside(file, name, index + 1));
}

/** All files of a model: the parts of its language model, and its mmproj at the end. */
export function pairFiles({
  modelPath,
  mmprojPath,
}: {
  readonly modelPath: string;
  readonly mmprojPath: string;
}): string[] {
  return [...partPaths(modelPath), mmprojPath];
}
