import type { Command } from "commander";
import { detectionSettings, generalSettings, type Setting } from "../../contract/index.ts";
import type { Environment } from "../environment.ts";
import { addSettingsHelp, collect, modelFileHelp, profileFields, settingOption } from "../setting-options.ts";
import type { RawEvalOptions } from "./options.ts";

const examples = `
Examples:
  holoscope eval ScreenSpot-v2 --model holo1.5-7b
  holoscope eval ScreenSpot-Pro --model holo1.5-7b --limit 200 --seed 7 --out pro-200
  holoscope eval ScreenSpot-Pro --model holo1.5-7b --refine 2 --out pro-refined
  holoscope eval my-screens --format md

The folder holds a benchmark's annotations and images as they are published (ScreenSpot, ScreenSpot-v2, ScreenSpot-Pro,
OSWorld-G), or truth files of your own. Nothing is downloaded. Each answer is noted in the journal of the --out folder; after
Ctrl-C or a crash the same command goes on where it ended.
`;

/** The command `eval`. */
export function addEval(
  program: Command,
  finish: (code: Promise<number>) => Promise<void>,
  environment: Environment,
): void {
  const { modelId, profile, backend } = generalSettings;
  const command = program
    .command("eval")
    .description("measure click accuracy with a benchmark's files, and detection with your own truth")
    .argument("<folder>", "folder with annotations and images")
    .addOption(settingOption(modelId, modelFileHelp))
    .option("--mmproj <path>", "the model's mmproj; searched for beside it if left out")
    .addOption(settingOption(profile))
    .addOption(settingOption(backend));
  for (const setting of Object.values<Setting>(detectionSettings)) {
    if (setting.flag !== undefined && setting !== detectionSettings.focus) command.addOption(settingOption(setting));
  }
  command
    .option("--set <key=value>", "override a field of the profile, see below; can be repeated", collect)
    .option("--limit <n>", "ask a sample of so many items of each dataset")
    .option("--seed <s>", "which sample (default: 1)")
    .option("--format <list>", "reports to write: md, json, csv (default: all)")
    .option("--out <folder>", "where journal, runs and reports lie (default: holoscope-eval)")
    .option("--retry-errors", "ask again what ended with an error before");
  addSettingsHelp(command, profileFields, detectionSettings);
  command
    .addHelpText("after", examples)
    .action((folder: string, options: RawEvalOptions) =>
      finish(import("./evaluate.ts").then(({ evaluate }) => evaluate(environment, folder, options))),
    );
}
