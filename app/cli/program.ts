import { Command, CommanderError } from "commander";
import { detectionSettings, generalSettings, type Setting } from "../contract/index.ts";
import type { RawBatchOptions } from "./batch.ts";
import type { RawDetectOptions } from "./detect-options.ts";
import type { RawDoctorOptions } from "./doctor-options.ts";
import { addEnginesCommands } from "./engines-commands.ts";
import type { Environment } from "./environment.ts";
import { exitCodes, reportFailure } from "./errors.ts";
import { addEval } from "./eval/command.ts";
import { addModelsCommands } from "./models-commands.ts";
import type { RawServeOptions } from "./serve.ts";
import { addSettingsHelp, collect, modelFileHelp, profileFields, settingOption } from "./setting-options.ts";
import { addStorageCommands } from "./storage-commands.ts";
import { appVersion } from "./version.ts";

const detectExamples = `
Examples:
  holoscope detect screen.png
  holoscope detect *.png --overlay out --json out
  holoscope detect screen.png --target "the save button" --model holo1.5-7b
  holoscope detect screen.png --profile speed --set maxImageTokens=400 --repeat 10
  holoscope detect screen.png --json - | jq .detections
  holoscope detect screen.png --profile-ops
  holoscope detect shots/*.png --truth annotations.json

--json FILE.json writes one run record, or an array of them when there are several images or repeats.
--json FOLDER writes <image>.run.json for each run; --overlay FOLDER writes <image>.overlay.png for each image.
`;

const batchExamples = `
Examples:
  holoscope batch shots --journal job.jsonl --coco elements.json
  holoscope batch "shots/**/*.png" --journal job.jsonl --engine studio --engine http://10.0.0.7:8000 --json out
  holoscope batch list.txt --journal job-3.jsonl --shard 3/8

Results are written when no image is left to be done, in the order of the inputs. It ends with 1 if an image failed or is
left; failed ones are tried again by the same command.
`;

const serveExamples = `
Examples:
  holoscope serve
  holoscope serve --port 8080
  holoscope serve --bind 0.0.0.0 --token-file ~/.config/holoscope-token
  holoscope serve --allow-origin http://localhost:3000 --allow-host host.docker.internal

Without --bind only this computer can reach it. Any other address needs a token, which clients send as
"Authorization: Bearer <token>" and a browser once as http://ADDRESS:PORT/?token=<token>. HOLOSCOPE_TOKEN and
HOLOSCOPE_TOKEN_FILE do what --token and --token-file do; of --token alone other users may see the secret.

Pages of other origins and other host names are refused unless they are let in by name; there is no wildcard. Behind a
TLS proxy allow the page's https origin and the name in its Host header.
`;

const mcpExamples = `
The client starts it: give it the command "holoscope" with the argument "mcp", or "node" with dist/main/cli.js and "mcp".
Tools: detect_elements, locate_element, list_runs, get_run. They use the model and the settings of the window; screenshots
and runs are kept as those of the other commands.
`;

const doctorExamples = `
Examples:
  holoscope doctor
  holoscope doctor --model holo1.5-7b --image screen.png
  holoscope doctor --quick --json | jq .findings
  holoscope doctor --try screen.png --repeat 10
  holoscope doctor --try screen.png --remedies image-tokens --markdown > remedies.md
  holoscope doctor --bundle diagnostics.txt

The bundle names neither you nor your folders; --include-paths and --include-image-names change that.
`;

/** What and how to detect, as `detect` and `batch` take it. */
function addRunOptions(command: Command): void {
  const { modelId, mode, profile, backend, resultCache } = generalSettings;
  command
    .addOption(settingOption(modelId, modelFileHelp))
    .option("--mmproj <path>", "the model's mmproj; searched for beside it if left out")
    .addOption(settingOption(mode))
    .option("--target <text>", "what to locate")
    .addOption(settingOption(profile))
    .addOption(settingOption(backend))
    .option(
      "--engine <id|url>",
      "the engine that runs the model: one of holoscope engines, or a server's address; of several, whichever is free",
      collect,
    )
    .addOption(settingOption(resultCache));
  for (const setting of Object.values<Setting>(detectionSettings)) {
    if (setting.flag !== undefined) command.addOption(settingOption(setting));
  }
  command.option("--set <key=value>", "override a field of the profile, see below; can be repeated", collect);
}

function addBatch(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  const batch = program
    .command("batch")
    .description("detect in many images, on one engine or several, and go on after an interruption")
    .argument("<input...>", 'folders, patterns such as "shots/**/*.png", .txt files with a path a line, or images');
  addRunOptions(batch);
  batch
    .requiredOption("--journal <file.jsonl>", "keeps what is done; the same command with it goes on after a stop")
    .option("--json <folder>", "write <image>.run.json for each image")
    .option("--jsonl <file>", "write all run records into one file, one a line")
    .option("--coco <file>", "write all elements in COCO's form")
    .option("--shard <i/n>", "do only every n-th image from the i-th, which counts from 0: one of n machines")
    .option("--quiet", "print errors only");
  addSettingsHelp(batch, profileFields, detectionSettings);
  batch
    .addHelpText("after", batchExamples)
    .action((inputs: string[], options: RawBatchOptions) =>
      finish(import("./batch.ts").then(({ batch }) => batch(environment, inputs, options))),
    );
}

function addDetect(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  const detect = program
    .command("detect")
    .description("find the elements of screenshots and show where the time goes")
    .argument("<image...>", "PNG, JPEG, WebP, GIF or AVIF files");
  addRunOptions(detect);
  detect
    .option("--json <file|folder|->", "write run records; - is standard output")
    .option("--overlay <file.png|folder>", "write the screenshots with numbered boxes")
    .option("--repeat <n>", "run each image n times and show median and spread")
    .option(
      "--truth <file>",
      "measure with ground truth: COCO, ScreenSpot, YOLO, CVAT and more; can be repeated",
      collect,
    )
    .option("--truth-unit <unit>", "what the boxes are in: px, css-2, fraction, percent, thousand, stretched")
    .option("--truth-box <form>", "what the four numbers of a box are: xywh or xyxy (two corners)")
    .option("--truth-image <name>", "the image of the truth file that is this screenshot under another name")
    .option("--truth-classes <file>", "names of YOLO's classes: classes.txt or data.yaml")
    .option("--profile-ops", "add a second, profiled pass: which operators take the time, and where they run")
    .option(
      "--scale <n|auto>",
      "image px that one CSS px or point takes, such as 2; stays with the images; auto guesses it",
    )
    .option("--quiet", "print errors only");
  addSettingsHelp(detect, profileFields, detectionSettings);
  detect
    .addHelpText("after", detectExamples)
    .action((images: string[], options: RawDetectOptions) =>
      finish(import("./detect.ts").then(({ detect }) => detect(environment, images, options))),
    );
}

function addServe(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  const serve = program
    .command("serve")
    .description("serve the browser window and POST /parse on this computer")
    .option("--port <number>", "port to listen on (default: 9989)")
    .option("--bind <address>", "address to listen on (default: 127.0.0.1)")
    .option("--token-file <path>", "file with the secret that every request must carry")
    .option("--token <secret>", "the secret itself, which other users may see in the list of processes")
    .option(
      "--allow-origin <origin>",
      "let pages of this origin in, such as http://localhost:3000; can be repeated",
      collect,
    )
    .option("--allow-host <name>", "answer to this name, such as host.docker.internal; can be repeated", collect);
  addSettingsHelp(serve, "Settings that requests go by; the window's Settings view changes them:", generalSettings);
  addSettingsHelp(serve, profileFields, detectionSettings);
  serve
    .addHelpText("after", serveExamples)
    .action((options: RawServeOptions) =>
      finish(import("./serve.ts").then(({ serve }) => serve(environment, options))),
    );
}

function addMcp(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  program
    .command("mcp")
    .description("serve tools to an agent on standard input and output, in the Model Context Protocol")
    .addHelpText("after", mcpExamples)
    .action(() => finish(import("./mcp.ts").then(({ mcp }) => mcp(environment))));
}

function addDoctor(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  const { modelId, profile, backend } = generalSettings;
  program
    .command("doctor")
    .description("say with evidence why a detection takes as long as it does, and what would help")
    .addOption(settingOption(modelId, modelFileHelp))
    .option("--mmproj <path>", "the model's mmproj; searched for beside it if left out")
    .addOption(settingOption(backend))
    .option("--image <file>", "screenshot of the probing detection (default: the last one, or a sample)")
    .option("--quick", "read headers only: load nothing, detect nothing")
    .option("--json", "print the report as JSON")
    .option("--try <image>", "measure the remedies on a screenshot of yours; takes minutes")
    .option(
      "--remedies <list>",
      "of --try: image-tokens, windowed-attention, flash-attention, ubatch, mmproj (default: all)",
    )
    .option("--repeat <n>", "of --try: measured runs of each row (default: 5)")
    .addOption(settingOption(profile, "; of --try: of the baseline"))
    .option(
      "--set <key=value>",
      "of --try: override a field of the baseline, as in detect --help; can be repeated",
      collect,
    )
    .option("--target <text>", "of --try: locate this instead of detecting everything")
    .option("--markdown", "of --try: print the table as Markdown")
    .option("--bundle [file|-]", "write diagnostics for a bug report")
    .option("--include-paths", "leave paths and your user name in the bundle")
    .option("--include-image-names", "leave the names of images in the bundle")
    .addHelpText("after", doctorExamples)
    .action((options: RawDoctorOptions) =>
      finish(import("./doctor.ts").then(({ doctor }) => doctor(environment, options))),
    );
}

/** Runs one command line. Resolves with its exit code: 0 done, 1 failed, 2 usage, 130 interrupted; never rejects. */
export async function runCli(args: readonly string[], environment: Environment): Promise<number> {
  const { terminal } = environment;
  let code: number = exitCodes.done;
  const finish = async (result: Promise<number>): Promise<void> => {
    code = await result;
  };
  const program = new Command("holoscope")
    .description("See what a local GUI-grounding vision model sees in a screenshot, and where the milliseconds go.")
    .version(appVersion)
    .showHelpAfterError("hint: add --help to see what this command takes")
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .exitOverride();
  addDetect(program, finish, environment);
  addEval(program, finish, environment);
  addBatch(program, finish, environment);
  addServe(program, finish, environment);
  addMcp(program, finish, environment);
  addEnginesCommands(program, finish, environment);
  addModelsCommands(program, finish, environment);
  addStorageCommands(program, finish, environment);
  addDoctor(program, finish, environment);
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    // Commander throws for help and version too, with exit code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return reportFailure(terminal, error);
  }
}
