import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DetectRequestInput } from "../../../app/contract/index.ts";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../../support/fake-engine.ts";
import { until } from "../../support/patience.ts";

let fake: FakeHost;
beforeEach(async () => {
  fake = await startFakeHost();
});
afterEach(() => fake.dispose());

const plain = { mode: "locate", target: "fine" } as const;
const slow = { mode: "locate", target: "slow" } as const;
const queue = async (text: string, request: Omit<DetectRequestInput, "imageId">) =>
  fake.host.detect({ imageId: await fake.addImage(text), ...request });
const generating = () => until(() => fake.seen("run.progress").some(({ phase }) => phase === "generate"));
const prefetched = () => fake.posted.flatMap((message) => (message.type === "prefetch" ? [message] : []));
const cancel = (runId: string) => fake.host.call("runs.cancel", { runId });

describe("the next run's image", () => {
  it("is sent ahead once, while the run before it generates, with that run's settings", async () => {
    const first = await queue("640x480 a", slow);
    await generating();
    expect(prefetched()).toEqual([]);
    const second = await queue("640x480 b", { ...plain, overrides: { maxImageTokens: 99 } });
    await queue("640x480 c", plain);
    expect(prefetched()).toHaveLength(1);
    const id = (await fake.addImage("640x480 b")) ?? "";
    const image = await fake.host.displayFile(id);
    expect(prefetched()[0]).toMatchObject({ imagePath: image.path, settings: { maxImageTokens: 99, prefetch: true } });
    expect(prefetched()[0]?.imageId).toBe(id);
    const order = () => fake.posted.map(({ type }) => type).filter((type) => type === "detect" || type === "prefetch");
    expect(order()).toEqual(["detect", "prefetch"]);
    await cancel(first.runId);
    expect((await second.done).status).toBe("done");
    await until(() => order().length === 5);
    const detected = fake.posted.flatMap((message) => (message.type === "detect" ? [message.imageId] : []));
    expect(detected[1]).toBe(id);
    expect(order()).toEqual(["detect", "prefetch", "detect", "prefetch", "detect"]);
  });

  it("is given up when its run is cancelled, and the next one's takes its place", async () => {
    const first = await queue("640x480 a", slow);
    await generating();
    const second = await queue("640x480 b", plain);
    await queue("640x480 c", plain);
    await cancel(second.runId);
    const [sent, other] = prefetched();
    expect(fake.posted).toContainEqual(expect.objectContaining({ type: "cancel", target: sent?.id }));
    expect(other?.imagePath).not.toBe(sent?.imagePath);
    expect(prefetched()).toHaveLength(2);
    await cancel(first.runId);
    await first.done;
  });

  it.each<[string, Omit<DetectRequestInput, "imageId">, Omit<DetectRequestInput, "imageId">]>([
    ["with the setting off", slow, { ...plain, overrides: { prefetch: false } }],
    ["beside a run with the setting off", { ...slow, overrides: { prefetch: false } }, plain],
    ["of a measured series", slow, { ...plain, repeat: { group: "g", index: 0, of: 2 } }],
    ["beside a measured series", { ...slow, repeat: { group: "g", index: 0, of: 2 } }, plain],
    ["of a profiled run", slow, { ...plain, profileOps: true }],
    ["beside a profiled run", { ...slow, profileOps: true }, plain],
    ["in focus mode", slow, { mode: "detect", overrides: { focus: true } }],
    ["for another backend", slow, { ...plain, backend: "cuda" }],
  ])("is not sent ahead %s", async (_, before, after) => {
    const first = await queue("640x480 a", before);
    await generating();
    await queue("640x480 b", after);
    expect(prefetched()).toEqual([]);
    await cancel(first.runId);
    await first.done;
  });

  it("is not sent ahead for another model", async () => {
    const modelPath = await writeFakeGguf(`${fake.resourcesFolder}/other.gguf`, 64, "other");
    const mmprojPath = await writeFakeGguf(`${fake.resourcesFolder}/mmproj-other.gguf`, 64, "other");
    const { id: modelId } = await fake.host.call("models.add", { modelPath, mmprojPath });
    const first = await queue("640x480 a", slow);
    await generating();
    await queue("640x480 b", { ...plain, modelId });
    expect(prefetched()).toEqual([]);
    await cancel(first.runId);
    await first.done;
  });
});
