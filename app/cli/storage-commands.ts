import type { Command } from "commander";
import { type Environment, withModule } from "./environment.ts";

const examples = `
Examples:
  holoscope storage
  holoscope storage delete screen.png
  holoscope storage clear --yes

Deleting is final: the screenshot, its runs, notes, ground truth and everything that was made of them. The settings
keepDays, keepGb and keepParsed say what is kept by itself; the window's Settings view changes them. Models, settings
and logs stay.
`;

/** The commands below `holoscope storage`. */
export function addStorageCommands(
  program: Command,
  finish: (code: Promise<number>) => Promise<void>,
  environment: Environment,
): void {
  const storage = program
    .command("storage")
    .description("show what is kept of screenshots and runs, and delete it")
    .addHelpText("after", examples);
  const withCommands = withModule(environment, () => import("./storage.ts"));
  const run = (use: Parameters<typeof withCommands>[0]) => finish(withCommands(use));
  storage
    .command("show", { isDefault: true })
    .description("show how much is kept (default)")
    .action(() => run(({ showStorage }, host) => showStorage(environment, host)));
  storage
    .command("delete")
    .description("delete screenshots with their runs")
    .argument("<image...>", "the image file, or the image's id in a run record")
    .action((images: string[]) => run(({ deleteImages }, host) => deleteImages(environment, host, images)));
  storage
    .command("clear")
    .description("delete every screenshot and run")
    .option("--yes", "do not ask")
    .action((options: { yes?: boolean }) =>
      run(({ clearStorage }, host) => clearStorage(environment, host, options.yes === true)),
    );
  storage
    .command("tidy")
    .description("delete now what the settings no longer keep, and what belongs to nothing")
    .action(() => run(({ tidyStorage }, host) => tidyStorage(environment, host)));
}
