/**
 * Builds the native addon: `npm run build:native [-- --force] [-- --bare] [-- --bench] [-- --sanitize]`.
 *
 * Takes llama.cpp's sources from the git bundle inside the node-llama-cpp package, so nothing is downloaded and the
 * sources fit the prebuilt libraries exactly. Returns at once when nothing changed since the last build.
 *   --force     builds although nothing changed
 *   --bare      also builds the benchmark program test/bench/bare.cpp
 *   --bench     also builds that and llama.cpp's own llama-mtmd-cli and llama-server, for `npm run bench`
 *   --sanitize  also builds the cpu variant with AddressSanitizer and UBSan (GCC on Linux), for `npm run test:sanitize`
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { BuildError, filesBelow, PATCHED_PART, patchSources } from "./patch.ts";
import { ALL_VARIANTS, findBinaries, type VariantBinaries } from "./variants.ts";

const nativeFolder = dirname(fileURLToPath(import.meta.url));
const root = dirname(nativeFolder);
const nodeModules = join(root, "node_modules");
const buildFolder = join(nativeFolder, "build");
const outFolder = join(buildFolder, "out");
const sourceFolder = join(buildFolder, "llama.cpp");
const patchedFolder = join(buildFolder, "patched");
const sanitizedFolder = join(buildFolder, "sanitized");
const cmakeFolder = join(buildFolder, "cmake");
const stampFile = join(outFolder, "stamp.txt");
const lockFile = join(buildFolder, "lock");
const bareSource = join(root, "test", "bench", "bare.cpp");
const bundle = join(nodeModules, "node-llama-cpp", "llama", "gitRelease.bundle");
const require = createRequire(import.meta.url);

/** Programs beside the addon. */
interface Extras {
  readonly bare: boolean;
  readonly bench: boolean;
  readonly sanitize: boolean;
}

const posix = (path: string): string => path.replaceAll("\\", "/");

function readRelease(): string {
  const info: unknown = JSON.parse(
    readFileSync(join(nodeModules, "node-llama-cpp", "llama", "binariesGithubRelease.json"), "utf8"),
  );
  if (typeof info === "object" && info !== null && "release" in info && typeof info.release === "string") {
    return info.release;
  }
  throw new BuildError("node-llama-cpp does not say which llama.cpp release it holds. Run `npm ci` again.");
}

/** Changes whenever the build's result would. */
function computeStamp(release: string, variants: readonly VariantBinaries[]): string {
  const hash = createHash("sha256");
  hash.update(`${process.platform} ${process.arch} ${release} ${statSync(bundle).size}\n`);
  for (const variant of variants) hash.update(`${variant.variant} ${variant.relativeBins}\n`);
  const sources = ["CMakeLists.txt", "bench.cmake", "build.ts", "patch.ts", "variants.ts"].map((name) =>
    join(nativeFolder, name),
  );
  const folders = ["src", "patches"].flatMap((name) => filesBelow(join(nativeFolder, name)));
  for (const file of [...sources, ...folders, bareSource]) {
    if (existsSync(file))
      hash
        .update(posix(relative(root, file)))
        .update("\0")
        .update(readFileSync(file));
  }
  return hash.digest("hex");
}

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** The programs that compile. */
interface Tools {
  readonly cmake: string;
  /** undefined: CMake's own choice, such as make or Visual Studio. */
  readonly ninja: string | undefined;
}

/** The system's program of that name, else the one that comes with the npm package; undefined if neither runs. */
function findTool(name: "cmake" | "ninja"): string | undefined {
  if (works(name, ["--version"])) return name;
  try {
    const packaged: unknown = require(`${name}-runtime`)(name);
    return typeof packaged === "string" && works(packaged, ["--version"]) ? packaged : undefined;
  } catch {
    return undefined; // not installed, or not made for this platform
  }
}

/** Throws BuildError with what to install when a tool is missing. */
function findTools(): Tools {
  // `npm run` puts its folder of programs first, which has the packages' CMake and Ninja too: the system's go before.
  const folders = (process.env.PATH ?? "").split(delimiter);
  process.env.PATH = folders.filter((folder) => !folder.endsWith(join("node_modules", ".bin"))).join(delimiter);
  const missing: string[] = [];
  if (!works("git", ["--version"])) missing.push("git");
  const cmake = findTool("cmake");
  if (cmake === undefined) missing.push("CMake");
  const compilers = process.env.CXX === undefined ? ["c++", "g++", "clang++"] : [process.env.CXX];
  // On Windows CMake finds Visual Studio by itself, and says so when it does not.
  if (process.platform !== "win32" && !compilers.some((compiler) => works(compiler, ["--version"]))) {
    missing.push("a C++ compiler");
  }
  if (missing.length === 0 && cmake !== undefined) {
    return { cmake, ninja: process.platform === "win32" ? undefined : findTool("ninja") };
  }
  const hints: Readonly<Record<string, string>> = {
    linux: "Debian or Ubuntu: sudo apt install g++ git cmake. Fedora: sudo dnf install gcc-c++ git cmake.",
    darwin: "xcode-select --install; for CMake: brew install cmake.",
    win32:
      "winget install Git.Git Kitware.CMake, and Visual Studio Build Tools with the workload “Desktop development with C++”.",
  };
  throw new BuildError(
    `Missing: ${missing.join(", ")}.\n${hints[process.platform] ?? "Install them with your package manager."}`,
  );
}

/** Runs a program; its output goes to `onLine`, and to the screen only if it fails. */
function runQuietly(
  command: string,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const tail: string[] = [];
    let rest = "";
    const take = (chunk: Buffer): void => {
      const lines = (rest + chunk.toString()).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        tail.push(line);
        if (tail.length > 200) tail.shift();
        onLine(line);
      }
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => reject(new BuildError(`${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      const why = signal === null ? `exit code ${code}` : `signal ${signal}`;
      reject(new BuildError(`${[...tail, rest].join("\n")}\n${command} ${args[0]} failed (${why}).`));
    });
  });
}

/** Lets one build run at a time: tests, `npm start` and a person may all ask for one. A dead owner's lock is taken over. */
async function withLock(build: () => Promise<void>): Promise<void> {
  mkdirSync(buildFolder, { recursive: true });
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    if (!isAlive(lockOwner())) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!told) console.log("native: waiting for another build to finish");
    await sleep(500);
  }
  try {
    await build();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function lockOwner(): number {
  try {
    return Number(readFileSync(lockFile, "utf8"));
  } catch {
    return 0; // it was released in the meantime
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0); // asks, sends nothing
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function takeSources(release: string): Promise<void> {
  const marker = join(sourceFolder, ".holoscope-release");
  if (existsSync(marker) && readFileSync(marker, "utf8") === release) return;
  console.log(`native: unpacking the sources of llama.cpp ${release}`);
  rmSync(sourceFolder, { recursive: true, force: true });
  mkdirSync(buildFolder, { recursive: true });
  await runQuietly("git", ["clone", "--quiet", "-c", "core.autocrlf=false", bundle, sourceFolder]);
  writeFileSync(marker, release);
}

/** Where the loader looks for the shared libraries, relative to the addon: from a checkout, then when packaged. */
function rpaths(binaries: VariantBinaries): string[] {
  const origin = process.platform === "darwin" ? "@loader_path" : "$ORIGIN";
  return [
    `${origin}/../../../../node_modules/${binaries.relativeBins}`,
    `${origin}/../../app.asar.unpacked/node_modules/${binaries.relativeBins}`,
  ];
}

async function configure(
  { cmake, ninja }: Tools,
  release: string,
  variants: readonly VariantBinaries[],
  extras: Extras,
): Promise<void> {
  const headers: unknown = require("node-api-headers");
  const folders = headers as { readonly include_dir: string; readonly def_paths: { readonly node_api_def: string } };
  const defines: Record<string, string> = {
    CMAKE_BUILD_TYPE: "Release",
    LLAMA_SOURCE: posix(sourceFolder),
    LLAMA_RELEASE: release,
    MTMD_SOURCE: posix(join(patchedFolder, PATCHED_PART)),
    NODE_API_INCLUDE: posix(folders.include_dir),
    NODE_API_DEF: posix(folders.def_paths.node_api_def),
    NODE_ADDON_API: posix(join(nodeModules, "node-addon-api")),
    OUTPUT: posix(outFolder),
    VARIANTS: variants.map((one) => [one.variant, posix(one.bins), ...rpaths(one)].join("|")).join(";"),
    BARE_SOURCE: extras.bare ? posix(bareSource) : "",
    BENCH: extras.bench ? "ON" : "OFF",
    SANITIZE: extras.sanitize ? posix(sanitizedFolder) : "",
  };
  const generator = ninja === undefined ? [] : ["-G", "Ninja", `-DCMAKE_MAKE_PROGRAM=${posix(ninja)}`];
  await runQuietly(cmake, [
    "-S",
    nativeFolder,
    "-B",
    cmakeFolder,
    ...generator,
    ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
  ]);
}

/** Compiles, with a line of progress every few seconds. */
async function compile({ cmake }: Tools): Promise<void> {
  let shown = Date.now();
  const onLine = (line: string): void => {
    const progress = /^\[\s*(\d+)(?:\/(\d+)|%)\]/.exec(line);
    if (progress === null || Date.now() - shown < 5000) return;
    shown = Date.now();
    console.log(
      `native: compiling ${progress[2] === undefined ? `${progress[1]} %` : `${progress[1]} of ${progress[2]}`}`,
    );
  };
  const jobs = String(availableParallelism());
  await runQuietly(cmake, ["--build", cmakeFolder, "--config", "Release", "--parallel", jobs], onLine);
}

/** What is linked for each variant: the addon, and the benchmark's programs if wanted. */
function products(variants: readonly VariantBinaries[], extras: Extras): string[] {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const names = [
    "holoscope.node",
    ...(extras.bare ? [`holoscope-bare${suffix}`] : []),
    ...(extras.bench ? [`llama-mtmd-cli${suffix}`, `llama-server${suffix}`] : []),
  ];
  return [
    ...variants.flatMap((one) => names.map((name) => join(outFolder, one.variant, name))),
    ...(extras.sanitize ? [join(sanitizedFolder, "cpu", "holoscope.node")] : []),
  ];
}

function isUpToDate(stamp: string, wanted: readonly string[]): boolean {
  return wanted.every(existsSync) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;
}

async function build(release: string, variants: readonly VariantBinaries[], force: boolean, extras: Extras) {
  const tools = findTools();
  const start = Date.now();
  if (force) rmSync(cmakeFolder, { recursive: true, force: true });
  rmSync(stampFile, { force: true });
  // What this build leaves out would be out of date, and taken for up to date when it is asked for.
  const wanted = products(variants, extras);
  const all = products(variants, { bare: true, bench: true, sanitize: true });
  for (const file of all) if (!wanted.includes(file)) rmSync(file, { force: true });
  await takeSources(release);
  patchSources(sourceFolder, patchedFolder, release);
  const names = variants.map((one) => one.variant).join(", ");
  console.log(`native: building against llama.cpp ${release} (${names}); the first time takes about a minute`);
  try {
    await configure(tools, release, variants, extras);
  } catch {
    // A folder configured with other tools or paths cannot be reused.
    rmSync(cmakeFolder, { recursive: true, force: true });
    await configure(tools, release, variants, extras);
  }
  await compile(tools);
  console.log(`native: done in ${Math.round((Date.now() - start) / 1000)} s`);
}

async function main(): Promise<void> {
  const force = process.argv.includes("--force");
  const bench = process.argv.includes("--bench");
  const sanitize = process.argv.includes("--sanitize");
  const extras: Extras = { bench, sanitize, bare: bench || process.argv.includes("--bare") };
  if (!existsSync(bundle)) throw new BuildError("node-llama-cpp is not installed. Run `npm ci` first.");

  const release = readRelease();
  const variants = ALL_VARIANTS.flatMap((variant) => findBinaries(nodeModules, variant) ?? []);
  if (variants.length === 0) {
    throw new BuildError(
      `No prebuilt llama.cpp binaries for ${process.platform}-${process.arch} are installed. Run \`npm ci\` without --omit=optional.`,
    );
  }
  const stamp = computeStamp(release, variants);
  const wanted = products(variants, extras);
  if (!force && isUpToDate(stamp, wanted)) {
    console.log(`native: up to date (llama.cpp ${release}: ${variants.map((one) => one.variant).join(", ")})`);
    return;
  }
  await withLock(async () => {
    if (!force && isUpToDate(stamp, wanted)) return; // another build did it meanwhile
    await build(release, variants, force, extras);
    writeFileSync(stampFile, stamp);
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`native: ${error.message}`);
  process.exitCode = 1;
}
