import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Journal, withJournal } from "../../../app/host/disk/journal.ts";

const entrySchema = z.object({ n: z.int(), text: z.string() });
type Entry = z.infer<typeof entrySchema>;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holoscope-journal-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = () => path.join(folder, "new", "job.jsonl");
const entry = (n: number): Entry => ({ n, text: `é ${n}\nline` });

async function open<R>(work: (journal: Journal<Entry>, found: readonly Entry[]) => Promise<R>): Promise<R> {
  const found: Entry[] = [];
  return withJournal(
    { file: file(), what: "the journal", schema: entrySchema, onEntry: (each) => found.push(each) },
    (journal) => work(journal, found),
  );
}

const entries = () => open(async (_, found) => found);
const add = (...added: readonly Entry[]) =>
  open(async (journal) => {
    for (const each of added) await journal.append(each);
    return journal.tornBytes;
  });

describe("a journal", () => {
  it("begins empty, and has at the next opening what was added, in its order", async () => {
    expect(await entries()).toEqual([]);
    await add(entry(1), entry(2));
    await add(entry(3));
    expect(await entries()).toEqual([entry(1), entry(2), entry(3)]);
  });

  it("writes one line for each entry, also when many are added at once", async () => {
    const many = Array.from({ length: 50 }, (_, n) => entry(n));
    await open((journal) => Promise.all(many.map((each) => journal.append(each))));
    const lines = (await readFile(file(), "utf8")).split("\n");
    expect(lines).toEqual([...many.map((each) => JSON.stringify(each)), ""]);
  });

  it("cut at any byte keeps the whole lines, and goes on behind them", async () => {
    await add(entry(1), entry(2));
    const whole = await readFile(file());
    const firstLine = whole.indexOf("\n") + 1;
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      await writeFile(file(), whole.subarray(0, bytes));
      const kept = bytes === whole.length ? 2 : bytes >= firstLine ? 1 : 0;
      const keptBytes = [0, firstLine, whole.length][kept] ?? 0;
      expect(await add(entry(9))).toBe(bytes - keptBytes);
      expect(await entries()).toEqual([...[entry(1), entry(2)].slice(0, kept), entry(9)]);
    }
  });

  it("reads lines that are longer than one piece of the file", async () => {
    const long = { n: 1, text: "x".repeat(300_000) };
    await add(long, entry(2), long);
    expect(await entries()).toEqual([long, entry(2), long]);
  });

  it.each([
    ["no JSON", "{{\n", "Line 2 of the journal job.jsonl cannot be used: it is not JSON."],
    ["something else", '{"n":"1"}\n', 'Line 2 of the journal job.jsonl cannot be used: it does not fit at "n"'],
  ])("with a whole line that is %s names it, and stays as it is", async (_name, line, message) => {
    await add(entry(1));
    await appendFile(file(), line);
    const { size } = await stat(file());
    await expect(add(entry(2))).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining(message),
      hint: expect.stringContaining("another file"),
    });
    expect((await stat(file())).size).toBe(size);
  });

  it("is used by one at a time", async () => {
    const seen = await Promise.all(
      [1, 2, 3].map((n) =>
        open(async (journal, found) => {
          await journal.append(entry(n));
          return found.length;
        }),
      ),
    );
    expect(seen.sort()).toEqual([0, 1, 2]);
  });

  it("that cannot be opened says so", async () => {
    await writeFile(path.join(folder, "new"), "a file where the folder should be");
    await expect(entries()).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  });
});
