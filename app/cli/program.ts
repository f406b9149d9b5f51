import { Command, CommanderError } from "commander";
import type { RawDetectOptions } from "./detect-options.ts";
import type { RawDoctorOptions } from "./doctor-options.ts";
import type { Environment } from "./environment.ts";
import { exitCodes, reportFailure } from "./errors.ts";
import { addModelsCommands } from "./models-commands.ts";
import type { RawServeOptions } from "./serve.ts";
import { appVersion } from "./version.ts";

const detectExamples = `
Examples:
  holoscope detect screen.png
  holoscope detect *.png --overlay out --json out
  holoscope detect screen.png --target "the save button" --model holo1.5-7b
  holoscope detect screen.png --profile speed --set maxImageTokens=400 --repeat 10
  holoscope detect screen.png --json - | jq .detections
  holoscope detect screen.png --profile-ops

--json FILE.json writes one run record, or an array of them when there are several images or repeats.
--json FOLDER writes <image>.run.json for each run; --overlay FOLDER writes <image>.overlay.png for each image.
`;

const serveExamples = `
Examples:
  holoscope serve
  holoscope serve --port 8080
  HOLOSCOPE_TOKEN=a-long-secret holoscope serve --bind 0.0.0.0

Without --bind only this computer can reach it. Any other address needs a token, which clients send as
"Authorization: Bearer <token>" and a browser once as http://ADDRESS:PORT/?token=<token>.
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

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

function addDetect(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  program
    .command("detect")
    .description("find the elements of screenshots and show where the time goes")
    .argument("<image...>", "PNG, JPEG, WebP, GIF or AVIF files")
    .option("--model <id|path>", "a known model, or a GGUF file (it becomes known)")
    .option("--mmproj <path>", "the model's mmproj; looked for beside it when left out")
    .option("--mode <mode>", "detect: every element; locate: one target")
    .option("--target <text>", "what to locate")
    .option("--profile <name>", "speed, balanced or quality")
    .option("--backend <name>", "auto, cuda, metal, vulkan or cpu")
    .option("--vit <path>", "windowed layers of Qwen2.5-VL's encoder: windowed, or upstream as llama.cpp has them")
    .option("--no-cpu-attention", "on a CPU, leave the encoder's attention to ggml's kernel")
    .option("--focus", "detect only what changed since the screenshot before, and keep its other elements")
    .option(
      "--no-jump-forward",
      "decode every token in a call of its own, those that the grammar forces too (the rule on a CPU)",
    )
    .option("--no-reuse", "do everything again for an image that was run before (--repeat always does)")
    .option("--no-cache", "detect even if the very same detection is stored (--repeat always does)")
    .option("--no-prefetch", "of several images, do not decode the next one while the answer to one is generated")
    .option("--set <key=value>", "override a field of the profile; can be repeated", collect)
    .option("--json <file|folder|->", "write run records; - is standard output")
    .option("--overlay <file.png|folder>", "write the screenshots with numbered boxes")
    .option("--repeat <n>", "run each image n times and show median and spread")
    .option("--profile-ops", "add a second, profiled pass: which operators take the time, and where they run")
    .option("--quiet", "print errors only")
    .addHelpText("after", detectExamples)
    .action((images: string[], options: RawDetectOptions) =>
      finish(import("./detect.ts").then(({ detect }) => detect(environment, images, options))),
    );
}

function addServe(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  program
    .command("serve")
    .description("serve the browser window and POST /parse on this computer")
    .option("--port <number>", "port to listen on (default: 9989)")
    .option("--bind <address>", "address to listen on (default: 127.0.0.1)")
    .option("--token <secret>", "secret that every request must carry; HOLOSCOPE_TOKEN does the same")
    .addHelpText("after", serveExamples)
    .action((options: RawServeOptions) =>
      finish(import("./serve.ts").then(({ serve }) => serve(environment, options))),
    );
}

function addDoctor(program: Command, finish: (code: Promise<number>) => Promise<void>, environment: Environment): void {
  program
    .command("doctor")
    .description("say with evidence why a detection takes as long as it does, and what would help")
    .option("--model <id|path>", "a known model, or a GGUF file (it becomes known)")
    .option("--mmproj <path>", "the model's mmproj; looked for beside it when left out")
    .option("--backend <name>", "auto, cuda, metal, vulkan or cpu")
    .option("--image <file>", "screenshot of the probing detection (default: the last one, or a sample)")
    .option("--quick", "read headers only: load nothing, detect nothing")
    .option("--json", "print the report as JSON")
    .option("--try <image>", "measure the remedies on a screenshot of yours; takes minutes")
    .option(
      "--remedies <list>",
      "of --try: image-tokens, windowed-attention, flash-attention, ubatch, mmproj (default: all)",
    )
    .option("--repeat <n>", "of --try: measured runs of each row (default: 5)")
    .option("--profile <name>", "of --try: profile of the baseline")
    .option("--set <key=value>", "of --try: override a field of the baseline; can be repeated", collect)
    .option("--target <text>", "of --try: locate this instead of detecting everything")
    .option("--markdown", "of --try: print the table for a document")
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
  addServe(program, finish, environment);
  addModelsCommands(program, finish, environment);
  addDoctor(program, finish, environment);
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    // Help and version leave through an exception too, with exit code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return reportFailure(terminal, error);
  }
}
