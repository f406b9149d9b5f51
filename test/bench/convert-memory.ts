import { measureConversion } from "../support/convert-memory.ts";

/**
 * Memory and time of `holoscope models convert` on a 6 GB file: npx tsx test/bench/convert-memory.ts [--gb 6] [--to f16]
 * Needs that much room on the temporary disk (twice that for f32) and a build (npm run setup).
 */
const argument = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise);
};

const limitBytes = 300e6;
const to = argument("to", "f16") === "f32" ? "f32" : "f16";
const cost = await measureConversion(Number(argument("gb", "6")) * 1e9, to);
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
console.log(cost.out.trimEnd());
console.log(`input   ${gigabytes(cost.inputBytes)}, output ${gigabytes(cost.outputBytes)} (${to})`);
console.log(`time    ${cost.seconds.toFixed(1)} s, verification included`);
console.log(`memory  ${(cost.peakResidentBytes / 1e6).toFixed(0)} MB at most, limit ${limitBytes / 1e6} MB`);
process.exitCode = cost.peakResidentBytes <= limitBytes ? 0 : 1;
