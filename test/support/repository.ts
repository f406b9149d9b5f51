import path from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
/** The bundled detector. */
export const NANO = {
  modelPath: path.join(repositoryRoot, "resources/models/nano/model.gguf"),
  mmprojPath: path.join(repositoryRoot, "resources/models/nano/mmproj.gguf"),
} as const;
export const samplePath = (name: string): string => path.join(repositoryRoot, "resources/samples", `${name}.png`);
