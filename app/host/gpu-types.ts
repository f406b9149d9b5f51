import type { Backend } from "../contract/model.ts";

/** Finds the GPU backends whose drivers are installed, best first. */
export type FindGpuTypes = () => Promise<readonly Exclude<Backend, "cpu">[]>;

/**
 * Asks node-llama-cpp, which looks for driver libraries without loading them. Imported only when needed: the import
 * takes about half a second.
 */
export const findGpuTypes: FindGpuTypes = async () => {
  const { getLlamaGpuTypes } = await import("node-llama-cpp");
  const found = await getLlamaGpuTypes("supported");
  return found.filter((type) => type !== false);
};
