import type { Command } from "commander";
import type { Environment } from "./environment.ts";
import type { PullOptions } from "./pull.ts";

const examples = `
Examples:
  holoscope models list
  holoscope models suggest
  holoscope models pull hf:owner/name --list
  holoscope models pull hf:owner/name:Q4_K_M
  holoscope models add Holo1.5-7B-Q4_K_M.gguf --mmproj mmproj-f16.gguf
  holoscope models convert mmproj-bf16.gguf mmproj-f16.gguf --bf16-to f16

A pull that was interrupted goes on when it is given again. HF_ENDPOINT names another hub, HF_TOKEN is sent to it for
gated models, and HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are followed.
`;

/** The commands below `holoscope models`. */
export function addModelsCommands(
  program: Command,
  finish: (code: Promise<number>) => Promise<void>,
  environment: Environment,
): void {
  const models = program
    .command("models")
    .description("list, download, add, convert and inspect models")
    .addHelpText("after", examples);
  const load = () => import("./models.ts");
  const files = () => import("./model-files.ts");
  models
    .command("list")
    .description("list the known models and unfinished downloads; * marks the one used by default")
    .action(() => finish(load().then(({ listModels }) => listModels(environment))));
  models
    .command("suggest")
    .description("show models that work, as references for pull")
    .action(() => finish(files().then(({ suggestModels }) => suggestModels(environment))));
  models
    .command("pull")
    .description("download a model and its mmproj from a hub, verified, and make it known")
    .argument("<reference>", "hf:owner/name, hf:owner/name:Q4_K_M or hf:owner/name:file.gguf")
    .option("--quant <name>", "the weights to take, such as Q4_K_M")
    .option("--file <path>", "the model's file in the repository")
    .option("--mmproj <path|type>", "the mmproj's file or type; f16 where there is one when left out")
    .option("--name <text>", "name in the list of models")
    .option("--list", "only show what the repository has")
    .action((reference: string, options: PullOptions) =>
      finish(import("./pull.ts").then(({ pullModel }) => pullModel(environment, reference, options))),
    );
  models
    .command("add")
    .description("make a pair of GGUF files known, where they are")
    .argument("<model>", "the language model's GGUF file")
    .option("--mmproj <path>", "its mmproj; looked for beside it when left out")
    .action((model: string, options: { mmproj?: string }) =>
      finish(load().then(({ addModel }) => addModel(environment, model, options))),
    );
  models
    .command("import")
    .description("copy a pair of GGUF files into the models folder and make it known")
    .argument("<model>", "the language model's GGUF file")
    .option("--mmproj <path>", "its mmproj; looked for beside it when left out")
    .option("--name <text>", "name in the list of models")
    .action((model: string, options: { mmproj?: string; name?: string }) =>
      finish(files().then(({ importModel }) => importModel(environment, model, options))),
    );
  models
    .command("remove")
    .description("forget a model")
    .argument("<id>", "as shown by models list")
    .option("--files", "delete its files too, those in the models folder")
    .action((id: string, options: { files?: boolean }) =>
      finish(files().then(({ removeModel }) => removeModel(environment, id, options))),
    );
  models
    .command("discard")
    .description("remove what an interrupted download has fetched")
    .argument("<download>", "as shown by models list")
    .action((id: string) => finish(files().then(({ discardDownload }) => discardDownload(environment, id))));
  models
    .command("convert")
    .description("write a copy of a GGUF file whose bf16 tensors have another type")
    .argument("<in>", "a model or mmproj")
    .argument("<out>", "the new file; an existing one is not replaced")
    .requiredOption("--bf16-to <type>", "f16 or f32")
    .action((input: string, output: string, options: { bf16To: string }) =>
      finish(files().then(({ convertModel }) => convertModel(environment, input, output, options))),
    );
  models
    .command("info")
    .description("show what the headers of a model's files say")
    .argument("<id>", "as shown by models list")
    .action((id: string) => finish(load().then(({ showModel }) => showModel(environment, id))));
}
