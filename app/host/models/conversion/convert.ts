import { type FileHandle, open, rm, stat } from "node:fs/promises";
import path from "node:path";
import { type ConversionReport, type ConversionTarget, HoloscopeError } from "../../../contract/index.ts";
import { readSome, writeAll } from "../../../gguf/file-bytes.ts";
import { openGguf, readOpenGguf } from "../../../gguf/read.ts";
import { cancelledError } from "../../abortable.ts";
import { checkFreeSpace } from "../../disk/free-space.ts";
import { storageError } from "../../disk/storage-error.ts";
import { checkAbsent, giveName, removeStaleTemporaries, temporaryBeside } from "../../disk/temporary.ts";
import type { RoundingCounts } from "./bf16.ts";
import { newBytes } from "./new-bytes.ts";
import { type ConversionPlan, planConversion } from "./plan.ts";
import { verifyConversion } from "./verify.ts";

interface ConversionRequest {
  readonly input: string;
  readonly output: string;
  readonly to: ConversionTarget;
  readonly signal: AbortSignal;
  /** A new pass over the file begins: writing, then reading back. Bytes of the new file. */
  readonly onStep: (step: "running" | "verifying", bytesTotal: number) => void;
  readonly onProgress: (bytesDone: number) => void;
}

/**
 * Writes a copy of a GGUF file in which every bf16 tensor has another type; see {@link planConversion} for what stays.
 * Streams: needs a few MB of memory whatever the file's size. The file is written under a temporary name, read back and
 * compared with the original, and only then named; whatever goes wrong leaves nothing under the final name, and a
 * temporary file that a killed process left is removed by the next conversion to the same name.
 * Throws FILE_MISSING, FILE_EXISTS, NOT_A_GGUF, GGUF_TRUNCATED, BAD_REQUEST (nothing to convert), DISK_FULL,
 * STORAGE_FAILED, CANCELLED.
 */
export async function convertGguf(request: ConversionRequest): Promise<ConversionReport> {
  const { input, output, to, signal } = request;
  const name = path.basename(input);
  const folder = path.dirname(output);
  await checkAbsent(output);
  await checkFolder(folder);
  await removeStaleTemporaries(folder, output);
  const source = await openGguf(input);
  const temporary = temporaryBeside(output);
  try {
    const before = await source.stat();
    const file = await readOpenGguf(source, input);
    const plan = planConversion(file, await readSome(source, 0, file.dataStart), to);
    await checkFreeSpace(folder, plan.outputBytes, `convert "${name}"`);
    const counts = await writeCopy({ ...request, source, temporary, plan });
    if (signal.aborted) throw cancelledError(stoppedMessage);
    request.onStep("verifying", plan.outputBytes);
    const sha256 = await verifyConversion({ ...request, source, written: temporary, plan });
    const after = await stat(input);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      throw new HoloscopeError("STORAGE_FAILED", `"${name}" was changed while it was converted.`, "Convert it again.");
    }
    await giveName(temporary, output);
    const converted = plan.tensors.filter(({ convert }) => convert);
    return {
      output,
      to,
      inputBytes: file.fileBytes,
      outputBytes: plan.outputBytes,
      convertedTensors: converted.length,
      convertedValues: converted.reduce((sum, tensor) => sum + tensor.source.values, 0),
      keptTensors: plan.tensors.length - converted.length,
      ...counts,
      sha256,
    };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw signal.aborted ? cancelledError(stoppedMessage) : storageError(error, `convert "${name}"`);
  } finally {
    await source.close();
  }
}

const stoppedMessage = "The conversion was cancelled.";

type Counts = Pick<ConversionReport, "overflows" | "vanishedValues">;

interface Copy extends ConversionRequest {
  readonly source: FileHandle;
  readonly temporary: string;
  readonly plan: ConversionPlan;
}

async function writeCopy({ input, source, temporary, plan, signal, onStep, onProgress }: Copy): Promise<Counts> {
  const overflows: { tensor: string; values: number }[] = [];
  let vanishedValues = 0;
  onStep("running", plan.outputBytes);
  const target = await open(temporary, "wx");
  try {
    await writeAll(target, plan.header, 0);
    const write = async (bytes: Buffer, position: number): Promise<void> => {
      await writeAll(target, bytes, position);
      onProgress(position + bytes.length);
    };
    for (const tensor of plan.tensors) {
      const counts: RoundingCounts = { overflows: 0, vanished: 0 };
      for await (const { bytes, offset } of newBytes(source, tensor, plan.to, counts, input)) {
        if (signal.aborted) throw cancelledError(stoppedMessage);
        await write(bytes, tensor.start + offset);
      }
      if (counts.overflows > 0) overflows.push({ tensor: tensor.source.name, values: counts.overflows });
      vanishedValues += counts.vanished;
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return { overflows, vanishedValues };
}

async function checkFolder(folder: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new HoloscopeError("FILE_MISSING", `There is no folder "${folder}".`, "Make it first, or name another file.");
}
