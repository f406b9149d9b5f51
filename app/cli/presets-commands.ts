import type { Command } from "commander";
import { type Environment, withModule } from "./environment.ts";

const presetsHelp = `
A preset says how a model is asked and how its answer is read. An own one is a JSON file:
  holoscope models presets show gta1 > my-model.json     (then change it)
  holoscope models presets add my-model.json
  holoscope models preset my-model-q4_k_m my-model
`;

/** `holoscope models preset` and the commands below `holoscope models presets`. */
export function addPresetsCommands(
  models: Command,
  finish: (code: Promise<number>) => Promise<void>,
  environment: Environment,
): void {
  const withCommands = withModule(environment, () => import("./presets.ts"));
  const run = (use: Parameters<typeof withCommands>[0]) => finish(withCommands(use));
  models
    .command("preset")
    .description("choose how a model is asked, where its name does not tell it")
    .argument("<id>", "as shown by models list")
    .argument("<preset>", "as shown by models presets; auto goes by the model's name again")
    .action((id: string, preset: string) =>
      run(({ choosePreset }, host) => choosePreset(environment, host, id, preset)),
    );
  const presets = models
    .command("presets")
    .description("list how models can be asked")
    .addHelpText("after", presetsHelp)
    .action(() => run(({ listPresets }, host) => listPresets(environment, host)));
  presets
    .command("show")
    .description("print a preset as a file has it")
    .argument("<preset>", "as shown by models presets")
    .action((id: string) => run(({ showPreset }, host) => showPreset(environment, host, id)));
  presets
    .command("add")
    .description("add a preset of your own, or replace it")
    .argument("<file>", "a JSON file")
    .action((file: string) => run(({ addPreset }, host) => addPreset(environment, host, file)));
  presets
    .command("remove")
    .description("remove a preset of your own")
    .argument("<preset>", "as shown by models presets")
    .action((id: string) => run(({ removePreset }, host) => removePreset(environment, host, id)));
}
