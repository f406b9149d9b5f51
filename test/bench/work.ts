import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunRecord } from "../../app/contract/index.ts";
import type { ModelTraits } from "../../app/engine/families/index.ts";
import { inspectPair } from "../../app/engine/inspect.ts";
import { findLayout, locateAddon } from "../../native/locate.ts";
import { localResources } from "../support/local-result.ts";
import { repositoryRoot } from "../support/repository.ts";
import type { Work } from "./sides/side.ts";

export interface PairFiles {
  readonly modelPath: string;
  readonly mmprojPath: string;
}

export const nanoPair: PairFiles = {
  modelPath: path.join(repositoryRoot, "resources/models/nano/model.gguf"),
  mmprojPath: path.join(repositoryRoot, "resources/models/nano/mmproj.gguf"),
};

/** What the engine knows about a pair. */
export async function traitsOf(pair: PairFiles): Promise<ModelTraits> {
  return (await inspectPair(pair)).traits;
}

/**
 * What a finished run of Holoscope asked and how it ran, for others to do the same.
 * @param folder receives the prompt and the grammar as files
 */
export async function workOf(run: RunRecord, pair: PairFiles, traits: ModelTraits, folder: string): Promise<Work> {
  const { result, engine, settings } = run;
  if (result === undefined || engine === undefined || engine.backend === "remote") {
    throw new Error(`The first run did not finish: ${run.error?.message ?? run.status} ${run.error?.hint ?? ""}`);
  }
  const layout = findLayout(import.meta.url, undefined);
  const located = layout && locateAddon(layout, engine.backend);
  if (located === undefined) throw new Error("The addon is not built: npm run build:native");
  const question = traits.question("detect", "", settings.maxDetections, result.input);
  const [promptFile, grammarFile] = [path.join(folder, "prompt"), path.join(folder, "grammar")];
  await writeFile(promptFile, question.prompt);
  await writeFile(grammarFile, question.grammar);
  return {
    ...pair,
    ...question,
    promptFile,
    grammarFile,
    programs: path.join(repositoryRoot, "native/build/out", engine.backend),
    bins: located.binaries.bins,
    ...localResources(result),
    maxImageTokens: Math.min(settings.maxImageTokens, traits.sizing.maxTokens),
    newTokens: settings.maxNewTokens,
  };
}
