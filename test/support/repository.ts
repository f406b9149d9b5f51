import path from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
export const samplePath = (name: string): string => path.join(repositoryRoot, "resources/samples", `${name}.png`);
