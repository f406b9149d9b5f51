import { describe, expect, it, vi } from "vitest";
import { HoloscopeError, type RunRecord, summariseRun } from "../../app/contract/index.ts";
import { createAppStore } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { batchFrom, FileIntake, type TextFile } from "../../renderer/store/file-intake.ts";
import { shownRun } from "../../renderer/store/selectors.ts";
import { FakeClient } from "./fake-client.ts";
import { imageRef, runRecord } from "./records.ts";

const json = (name: string, value: unknown) => new File([JSON.stringify(value)], name, { type: "application/json" });
const png = (name: string) => new File(["pixels"], name, { type: "image/png" });

function intake() {
  const images = {
    openFiles: vi.fn(async (_files: readonly File[]) => undefined),
    openMany: vi.fn(async (_files: readonly File[], _folder?: string) => undefined),
    report: vi.fn((_error: unknown, _about?: string) => undefined),
  };
  return { images, intake: new FileIntake(images) };
}

const names = (files: readonly { readonly name: string }[] | undefined) => files?.map(({ name }) => name);

describe("files that come into the window", () => {
  it("opens a few images, and makes a batch of many or of a folder", async () => {
    const { images, intake: files } = intake();
    await files.take([png("a.png"), png("b.png")]);
    expect(names(images.openFiles.mock.calls[0]?.[0])).toEqual(["a.png", "b.png"]);
    await files.take([png("c.png")], "screens");
    expect(images.openMany.mock.calls[0]?.[1]).toBe("screens");
    await files.take(Array.from({ length: batchFrom }, (_, index) => png(`${index}.png`)));
    expect(images.openMany.mock.calls[1]?.[0]).toHaveLength(batchFrom);
    expect(images.openFiles).toHaveBeenCalledTimes(1);
  });

  it("gives each JSON file to the first handler that knows it", async () => {
    const { images, intake: files } = intake();
    const taken: string[] = [];
    const handler = (field: string) => ({
      recognises: ({ value }: TextFile) => typeof value === "object" && value !== null && field in value,
      take: async (read: readonly { readonly name: string }[]) => {
        taken.push(`${field}:${names(read)?.join("+")}`);
      },
    });
    files.addTextHandler(handler("truth"));
    const remove = files.addTextHandler(handler("run"));
    await files.take([json("1.json", { run: 1 }), json("2.json", { truth: 1, run: 1 }), json("3.json", { run: 2 })]);
    expect(taken.sort()).toEqual(["run:1.json+3.json", "truth:2.json"]);
    remove();
    await files.take([json("4.json", { run: 1 })]);
    expect(images.report.mock.calls[0]?.[1]).toBe("4.json");
  });

  it("says which file nobody knows, and takes the others", async () => {
    const { images, intake: files } = intake();
    const take = vi.fn(async () => undefined);
    files.addTextHandler({ recognises: ({ value }) => value !== undefined, take });
    await files.take([new File(["{"], "broken.json"), json("good.json", {})]);
    expect(images.report).toHaveBeenCalledTimes(1);
    expect(images.report.mock.calls[0]?.[1]).toBe("broken.json");
    expect(take).toHaveBeenCalledTimes(1);
  });
});

describe("run files", () => {
  const image = imageRef("b", "elsewhere.png");
  const stored = new Map<string, RunRecord>();
  const client = new FakeClient({
    "runs.import": ({ json: text }) => {
      const run = JSON.parse(text) as RunRecord;
      if (run.id === "broken-run") throw new HoloscopeError("RUN_FILE_INVALID", "No stages.");
      stored.set(run.id, run);
      return summariseRun(run);
    },
    "runs.get": ({ runId }) => stored.get(runId) ?? runRecord(runId, image),
    "runs.list": () => [...stored.values()].map(summariseRun),
  });

  it("are stored and shown, with what could not be read beside them", async () => {
    const store = createAppStore();
    const commands = new Commands(client, store);
    const broken = runRecord("broken-run", image);
    await commands.intake.take([
      json("broken.json", broken),
      json("far.json", runRecord("far-run-1", image, { machine: { ...broken.machine, name: "Far away" } })),
    ]);
    expect(shownRun(store.getState())?.record?.machine.name).toBe("Far away");
    expect(store.getState().images.byId[image.id]).toMatchObject({ width: 1000, height: 500 });
    expect(store.getState().runs.history[image.id]).toHaveLength(1);
    expect(store.getState().notices.list).toMatchObject([
      { about: "broken.json", error: { code: "RUN_FILE_INVALID" } },
    ]);
    expect(client.calls.some(({ method }) => method === "runs.start")).toBe(false);
  });
});
