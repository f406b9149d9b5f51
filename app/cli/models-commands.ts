import type { Command } from "commander";
import { type ConversionTarget, conversionTargetSchema } from "../contract/index.ts";
import { type Environment, withModule } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { addPresetsCommands } from "./presets-commands.ts";
import type { PullOptions } from "./pull.ts";
import { oneLine } from "./terminal.ts";

const examples = `
Examples:
  holoscope models list
  holoscope models suggest
  holoscope models pull hf:owner/name --list
  holoscope models pull hf:owner/name:Q4_K_M
  holoscope models add Holo1.5-7B-Q4_K_M.gguf --mmproj mmproj-f16.gguf
  holoscope models convert mmproj-bf16.gguf mmproj-f16.gguf --bf16-to f16

An interrupted pull resumes when it is repeated. HF_ENDPOINT names another hub, HF_TOKEN is sent to it for
gated models, and HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are followed.
`;

function parseTarget(text: string): ConversionTarget {
  const parsed = conversionTargetSchema.safeParse(text.toLowerCase());
  if (parsed.success) return parsed.data;
  throw new UsageError(`--bf16-to takes f16 or f32, not "${oneLine(text)}".`);
}

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
  const withCommands = withModule(environment, () => import("./models.ts"));
  const run = (use: Parameters<typeof withCommands>[0]) => finish(withCommands(use));
  models
    .command("list")
    .description("list the known models and unfinished downloads; * marks the one used by default")
    .action(() => run(({ listModels }, host) => listModels(environment, host)));
  models
    .command("suggest")
    .description("show models that work, as references for pull")
    .action(() => run(({ suggestModels }, host) => suggestModels(environment, host)));
  models
    .command("pull")
    .description("download a model and its mmproj from a hub, verify and add it")
    .argument("<reference>", "hf:owner/name, hf:owner/name:Q4_K_M or hf:owner/name:file.gguf")
    .option("--quant <name>", "the weights to take, such as Q4_K_M")
    .option("--file <path>", "the model's file in the repository")
    .option("--mmproj <path|type>", "the mmproj's file or type; f16 where there is one when left out")
    .option("--name <text>", "name in the list of models")
    .option("--list", "only show what the repository has")
    .action((reference: string, options: PullOptions) =>
      run(async (_, host) => (await import("./pull.ts")).pullModel(environment, host, reference, options)),
    );
  models
    .command("add")
    .description("add a pair of GGUF files, leaving them where they are")
    .argument("<model>", "the language model's GGUF file")
    .option("--mmproj <path>", "its mmproj; searched for beside it if left out")
    .action((model: string, options: { mmproj?: string }) =>
      run(({ addModel }, host) => addModel(environment, host, model, options)),
    );
  models
    .command("import")
    .description("copy a pair of GGUF files into the models folder and add it")
    .argument("<model>", "the language model's GGUF file")
    .option("--mmproj <path>", "its mmproj; searched for beside it if left out")
    .option("--name <text>", "name in the list of models")
    .action((model: string, options: { mmproj?: string; name?: string }) =>
      run(({ importModel }, host) => importModel(environment, host, model, options)),
    );
  models
    .command("remove")
    .description("forget a model")
    .argument("<id>", "as shown by models list")
    .option("--files", "delete its files too, those in the models folder")
    .action((id: string, options: { files?: boolean }) =>
      run(({ removeModel }, host) => removeModel(environment, host, id, options)),
    );
  models
    .command("discard")
    .description("remove what an interrupted download has fetched, or a file that no model uses")
    .argument("<download>", "as shown by models list")
    .action((id: string) => run(({ discardDownload }, host) => discardDownload(environment, host, id)));
  models
    .command("convert")
    .description("write a copy of a GGUF file whose bf16 tensors have another type")
    .argument("<in>", "a model or mmproj")
    .argument("<out>", "the new file; an existing one is not replaced")
    .requiredOption("--bf16-to <type>", "f16 or f32", parseTarget)
    .action((input: string, output: string, { bf16To }: { bf16To: ConversionTarget }) =>
      run(({ convertModel }, host) => convertModel(environment, host, input, output, bf16To)),
    );
  addPresetsCommands(models, finish, environment);
  models
    .command("info")
    .description("show what the headers of a model's files say, and how it is asked")
    .argument("<id>", "as shown by models list")
    .action((id: string) => run(({ showModel }, host) => showModel(environment, host, id)));
}
