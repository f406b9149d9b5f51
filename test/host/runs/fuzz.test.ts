import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoloscopeError, runAnnotationsSchema, runRecordSchema } from "../../../app/contract/index.ts";
import { parseRunFile } from "../../../app/host/runs/text.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { fuzzBytes, fuzzValues } from "../../support/fuzz.ts";
import { operatorTimesFixture } from "../../support/operator-times-fixture.ts";
import { makeRun, runFileOf } from "../../support/run-fixtures.ts";

let there: FakeHost;
let exported: string;
beforeAll(async () => {
  const here = await startFakeHost();
  there = await startFakeHost();
  try {
    const run = await here.run("fine");
    await here.host.call("runs.annotate", { runId: run.id, name: "Named", tags: ["a"], note: "b" });
    ({ json: exported } = await here.host.call("runs.export", { runId: run.id }));
  } finally {
    await here.dispose();
  }
});
afterAll(() => there.dispose());

const good = () => [
  exported,
  runFileOf(makeRun({ repeat: { group: "20260101-000000-00000001", index: 1, of: 3 } }), {
    annotations: { tags: ["x"] },
  }),
  JSON.stringify({ ...makeRun(), opProfile: operatorTimesFixture() }),
];

/** A refusal as users get it; everything else fails. */
function refused(error: unknown, codes: RegExp): "refused" {
  if (!(error instanceof HoloscopeError)) throw error;
  expect(error.code).toMatch(codes);
  return "refused";
}

/** Reads a text: a run that keeps to the contract, or a refusal. */
async function reading(text: string): Promise<"read" | "refused"> {
  try {
    const { run, annotations } = parseRunFile(text);
    runRecordSchema.parse(run);
    if (annotations !== undefined) runAnnotationsSchema.parse(annotations);
    return "read";
  } catch (error) {
    return refused(error, /^RUN_FILE_INVALID$/);
  }
}

/** Imports a text: what was taken can be listed, read and exported again. */
async function importing(text: string): Promise<"read" | "refused"> {
  const { host } = there;
  try {
    const { id } = await host.call("runs.import", { json: text });
    const run = await host.call("runs.get", { runId: id });
    expect((await host.call("runs.list", {})).map((each) => each.id)).toContain(id);
    const { json } = await host.call("runs.export", { runId: id, withImage: false });
    expect(parseRunFile(json).run).toEqual(run);
    await host.call("runs.delete", { runId: id });
    return "read";
  } catch (error) {
    return refused(error, /^(RUN_FILE_INVALID|IMAGE_\w+|BAD_REQUEST)$/);
  }
}

describe("a damaged run file", () => {
  it("is read or refused, whatever bytes were changed", async () => {
    const files = good().map((text) => Buffer.from(text));
    await fuzzBytes(200, files, async (bytes) => void (await reading(bytes.toString("utf8"))));
  });

  it("is read or refused, whatever its fields hold", async () => {
    const seen = new Set<string>();
    const files = good().map((text): unknown => JSON.parse(text));
    await fuzzValues(200, files, async (value) => void seen.add(await reading(JSON.stringify(value) ?? "")));
    expect([...seen].sort()).toEqual(["read", "refused"]);
  });

  it("is imported whole or not at all", async () => {
    const seen = new Set<string>();
    const files = good().map((text): unknown => JSON.parse(text));
    await fuzzValues(60, files, async (value) => void seen.add(await importing(JSON.stringify(value) ?? "")));
    expect([...seen].sort()).toEqual(["read", "refused"]);
    expect(await there.host.call("runs.list", {})).toEqual([]);
  });
});
