/**
 * Looks for answers of a detector that are not what they should be, through the app's engine on the CPU: `npx tsx
 * training/evaluation/validity.ts [--data DIR]... [--split test] [--noise 1000] [--empty 100] [--seed 1] [--threads N] [--model PAIRDIR]`.
 * On several cores it is quickest as so many runs at once, each with `--threads 1`.
 * Every answer must be JSON of the model's form, come to its end before the limit of tokens, and be the empty list on empty
 * screens; lists that the limit of 500 elements ended are counted apart. Prints every fault and the sums; ends with 1 if there was a fault.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { resolveSettings } from "../../app/contract/index.ts";
import { openNative } from "../../native/index.ts";
import { Random } from "../pages/random.ts";
import { checkAnswer } from "./answers.ts";
import { emptyScreen, noiseImage } from "./blank.ts";
import { pairRunner, readScreens } from "./screens.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", multiple: true, default: [] },
    split: { type: "string", default: "test" },
    noise: { type: "string", default: "1000" },
    empty: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "0" },
    model: { type: "string", default: "resources/models/nano" },
  },
});

/** An image file and a word that names it in what is printed. */
interface Picture {
  readonly file: string;
  readonly name: string;
}

const temporary = await mkdtemp(path.join(os.tmpdir(), "holoscope-validity-"));

async function* ofFolder(data: string): AsyncGenerator<Picture> {
  for (const { image } of await readScreens(data, values.split, Number.POSITIVE_INFINITY))
    yield { file: path.join(data, image), name: image };
}

async function* drawn(kind: "noise" | "empty", count: number): AsyncGenerator<Picture> {
  const file = path.join(temporary, `${kind}.png`);
  for (let index = 0; index < count; index++) {
    const random = new Random(Number(values.seed) * 1_000_003 + index);
    await (kind === "noise" ? noiseImage(random) : emptyScreen(random)).png({ compressionLevel: 1 }).toFile(file);
    yield { file, name: `${kind} ${index}` };
  }
}

const runner = pairRunner(
  openNative("cpu"),
  values.model,
  resolveSettings("quality", {
    minConfidence: 0,
    maxDetections: 500,
    maxNewTokens: 4096,
    reuseImage: false,
    threads: Number(values.threads),
  }),
);
let faults = 0;

async function check(title: string, pictures: AsyncGenerator<Picture>, mustBeEmpty: boolean): Promise<void> {
  let [images, empty, limited, most, wrong] = [0, 0, 0, 0, 0];
  for await (const { file, name } of pictures) {
    images++;
    const checked = await runner.detect(file, name).then(checkAnswer, (error: unknown) => ({ fault: String(error) }));
    const boxes = "fault" in checked ? 0 : checked.boxes;
    const fault = "fault" in checked ? checked.fault : mustBeEmpty && boxes > 0 ? `${boxes} elements` : undefined;
    if (fault !== undefined) {
      wrong++;
      console.log(`${title}, ${name}: ${fault}`);
    } else if (boxes === 0) empty++;
    if (!("fault" in checked) && checked.endedAtLimit) limited++;
    most = Math.max(most, boxes);
    if (images % 250 === 0) console.error(`${title}: ${images}`);
  }
  faults += wrong;
  console.log(
    `${title}: ${images} images, ${wrong} faults, ${empty} empty lists, ${limited} ended at the limit, at most ${most} boxes`,
  );
}

try {
  await check("empty screens", drawn("empty", Number(values.empty)), true);
  await check("noise", drawn("noise", Number(values.noise)), false);
  for (const data of values.data) await check(path.basename(data), ofFolder(data), false);
} finally {
  await runner.unload();
  await rm(temporary, { recursive: true, force: true });
}
process.exitCode = faults === 0 ? 0 : 1;
