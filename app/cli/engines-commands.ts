import type { Command } from "commander";
import type { AddEngineOptions } from "./engines.ts";
import { type Environment, withModule } from "./environment.ts";

const examples = `
Examples:
  holoscope engines add studio http://127.0.0.1:8080
  holoscope engines add cuda-box https://gpu.example:8000 --key-file ~/.config/gpu-key --preset holo3
  holoscope engines check
  holoscope detect screen.png --engine cuda-box

An engine is a server that runs the model elsewhere: llama-server, vLLM, SGLang, Ollama, LM Studio or another one with
OpenAI's chat completions. Screenshots are sent to it. Plain http to another computer needs --unencrypted.
HOLOSCOPE_KEY_<ID> holds a key too, such as HOLOSCOPE_KEY_CUDA_BOX.
`;

/** The commands below `holoscope engines`. */
export function addEnginesCommands(
  program: Command,
  finish: (code: Promise<number>) => Promise<void>,
  environment: Environment,
): void {
  const engines = program
    .command("engines")
    .description("list, add, check and remove engines elsewhere")
    .addHelpText("after", examples);
  const withCommands = withModule(environment, () => import("./engines.ts"));
  const run = (use: Parameters<typeof withCommands>[0]) => finish(withCommands(use));
  engines
    .command("list", { isDefault: true })
    .description("list the engines (default); * marks those used by default")
    .action(() => run(({ listEngines }, host) => listEngines(environment, host)));
  engines
    .command("add")
    .description("add a server and check it")
    .argument("<name>", "what you call it")
    .argument("<url>", "its address, such as http://127.0.0.1:8080")
    .option("--kind <kind>", "llama-server, vllm, sglang, ollama, lm-studio or openai; recognised if left out")
    .option("--model <name>", "the server's name of the model; its first if left out")
    .option("--preset <id>", "how the model is asked; model:<id> asks as that model of this machine is asked")
    .option("--slots <n>", "most requests at once")
    .option("--key-file <path>", "file with the key that the server wants")
    .option("--unencrypted", "send screenshots over plain http to another computer")
    .action((name: string, url: string, options: AddEngineOptions) =>
      run(({ addEngine }, host) => addEngine(environment, host, name, url, options)),
    );
  engines
    .command("check")
    .description("ask engines what they are")
    .argument("[id...]", "all if left out")
    .action((ids: string[]) =>
      run(async ({ checkEngines }, host) => ((await checkEngines(environment, host, ids)) ? 0 : 1)),
    );
  engines
    .command("remove")
    .description("forget an engine and its key; its runs stay")
    .argument("<id>")
    .action((id: string) => run(({ removeEngine }, host) => removeEngine(environment, host, id)));
}
