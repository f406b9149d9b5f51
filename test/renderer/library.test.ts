import { describe, expect, it } from "vitest";
import { summariseRun } from "../../app/contract/index.ts";
import { facetsOf, newestFirst, noFilter, shownRuns } from "../../renderer/logic/library/filter.ts";
import { extendTo, nothingSelected, targets, toggle, without } from "../../renderer/logic/library/selection.ts";
import { createAppStore } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { connectStore } from "../../renderer/store/connect.ts";
import { libraryIds } from "../../renderer/store/library-slice.ts";
import { eventually } from "../support/patience.ts";
import { makeRun, makeRuns } from "../support/run-fixtures.ts";
import { FakeClient } from "./fake-client.ts";

const runs = makeRuns(100).map((run) => summariseRun(run));
const shown = (change: Partial<typeof noFilter>) => shownRuns(runs, { ...noFilter, ...change }, newestFirst);

describe("finding runs", () => {
  it("filters by each field, and by all together", () => {
    const cuda = shown({ backend: "cuda" });
    expect(cuda).toHaveLength(25);
    expect(new Set(cuda.map(({ machineName }) => machineName))).toEqual(new Set(["Workstation"]));
    expect(shown({ status: "failed" })).toHaveLength(4);
    expect(shown({ backend: "cuda", machine: "Old laptop" })).toEqual([]);
  });

  it("finds all words in any order, in names, tags and notes too", () => {
    const tagged = { ...summariseRun(makeRun()), name: "Release candidate", tags: ["slow"], note: "Cold start" };
    const find = (text: string) => shownRuns([...runs, tagged], { ...noFilter, text }, newestFirst);
    for (const text of ["candidate release", "SLOW cold", tagged.id]) expect(find(text)).toEqual([tagged]);
    expect(find("screen 7 macbook").length).toBeGreaterThan(0);
    expect(find("no such words")).toEqual([]);
  });

  it("takes whole local days", () => {
    const at = (hour: string) => summariseRun(makeRun({ createdAt: new Date(`2026-02-10T${hour}`).toISOString() }));
    const day = [at("00:00:00"), at("23:59:59")];
    expect(shownRuns(day, { ...noFilter, from: "2026-02-10", to: "2026-02-10" }, newestFirst)).toHaveLength(2);
    expect(shownRuns(day, { ...noFilter, from: "2026-02-11" }, newestFirst)).toEqual([]);
  });

  it("sorts numbers as numbers and names as people do", () => {
    const byName = shownRuns(runs, noFilter, { key: "name", descending: false });
    expect(byName[0]?.imageName).toBe("screen 1.png");
    expect(byName.at(-1)?.imageName).toBe("screen 10.png");
    const byTime = shownRuns(runs, noFilter, { key: "totalMs", descending: true }).map(({ totalMs }) => totalMs);
    expect(byTime).toEqual([...byTime].sort((a, b) => b - a));
  });

  it("counts what there is to filter by", () => {
    expect(facetsOf(runs).backend).toEqual([
      { value: "cpu", count: 50 },
      { value: "cuda", count: 25 },
      { value: "metal", count: 25 },
    ]);
  });
});

describe("selecting runs", () => {
  const order = ["a", "b", "c", "d"];
  it("extends from the anchor in the order shown, both ways", () => {
    const start = toggle(nothingSelected, "b");
    expect([...extendTo(start, "d", order).ids]).toEqual(["b", "c", "d"]);
    expect([...extendTo(extendTo(start, "d", order), "a", order).ids]).toEqual(["a", "b"]);
  });

  it("acts on what is selected and shown, else on the active run", () => {
    expect(targets(toggle(toggle(nothingSelected, "c"), "a"), order)).toEqual(["a", "c"]);
    expect(targets({ ...nothingSelected, activeId: "d" }, order)).toEqual(["d"]);
    expect(targets(without(toggle(nothingSelected, "c"), new Set(["c"])), order)).toEqual([]);
  });
});

describe("the library of the window", () => {
  it("follows the host: deletes, brings back, takes in what came", async () => {
    const [first, second, third] = runs;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no runs");
    const client = new FakeClient({
      "runs.list": () => [first, second],
      "runs.deleteMany": ({ runIds }) => {
        client.emit("runs.changed", { added: [], changed: [], removed: [...runIds] });
        return { deleted: [...runIds] };
      },
      "runs.restore": () => {
        client.emit("runs.changed", { added: [first], changed: [], removed: [] });
        return [first];
      },
    });
    const store = createAppStore();
    const commands = new Commands(client, store);
    connectStore(client, store, commands);
    const ids = () => libraryIds(store.getState().library);
    await commands.library.open();
    expect(ids()).toEqual([first.id, second.id]);
    commands.library.activate(first.id);
    await commands.library.delete();
    expect(ids()).toEqual([second.id]);
    expect(store.getState().library.selection.activeId).toBe(second.id);
    expect(store.getState().toasts.list).toMatchObject([{ text: "Deleted 1 run" }]);
    await commands.undo.undo();
    await eventually(() => expect(ids()).toEqual([first.id, second.id]));

    client.emit("runs.changed", { added: [third], changed: [{ ...second, name: "Named" }], removed: [] });
    expect(store.getState().library.runs.map(({ name }) => name)).toContain("Named");
    expect(ids()).toHaveLength(3);
  });
});
