import { afterEach, describe, expect, it } from "vitest";
import { type Detection, detectSettingsSchema, profiles, type TryRow } from "../../../app/contract/index.ts";
import { agreementOf, rowOf, spreadOf, type VariantRecord } from "../../../app/host/doctor/try/rows.ts";
import { planVariants } from "../../../app/host/doctor/try/variants.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { until } from "../../support/patience.ts";
import { detectionFixture } from "../../support/run-fixtures.ts";

const balanced = detectSettingsSchema.parse(profiles.balanced);
const ids = (
  settings: Partial<typeof balanced>,
  ...args: Parameters<typeof planVariants> extends [unknown, ...infer R] ? R : never
) => planVariants({ ...balanced, ...settings }, ...args).map(({ id }) => id);

describe("what is tried", () => {
  it("is the baseline first, and nothing that the baseline already is", () => {
    const all = ["image-tokens", "windowed-attention", "flash-attention", "ubatch", "mmproj"] as const;
    const mmprojs = [{ path: "/m/mmproj-f16.gguf", types: "f16, f32" }];
    expect(ids({}, all, mmprojs)).toEqual([
      "baseline",
      "image-tokens-640",
      "image-tokens-full",
      "vit-upstream",
      "ubatch-512",
      "ubatch-2048",
      "ubatch-4096",
      "flash-attention-off",
      "mmproj-mmproj-f16",
    ]);
    expect(ids({ vit: "upstream", flashAttention: "off", batchTokens: 512, maxImageTokens: 16_384 }, all, [])).toEqual([
      "baseline",
      "image-tokens-640",
      "image-tokens-1280",
      "vit-windowed",
      "ubatch-2048",
      "ubatch-4096",
      "flash-attention-on",
    ]);
    expect(ids({}, ["flash-attention"], mmprojs)).toEqual(["baseline", "flash-attention-off"]);
  });
});

const button = (x: number, label = "button"): Detection =>
  detectionFixture({ bbox: [x, 0, x + 10, 10], label }, x, { width: 640, height: 480 });

describe("agreement with the baseline", () => {
  it("is F1 over boxes that overlap by half, each matched once", () => {
    const baseline = [button(0), button(100), button(200)];
    const found = [button(1), button(101, "link"), button(107), button(400)];
    expect(agreementOf(baseline, found)).toEqual({
      baseline: 3,
      found: 4,
      matched: 2,
      f1: 4 / 7,
      f1SameLabel: 2 / 7,
    });
  });

  it("is whole for equal and for empty answers, none for an empty one against some", () => {
    expect(agreementOf([button(0)], [button(0)]).f1).toBe(1);
    expect(agreementOf([], []).f1).toBe(1);
    expect(agreementOf([button(0)], []).f1).toBe(0);
  });
});

type Run = VariantRecord["runs"][number];

function record(id: string, totals: readonly number[], detections: readonly Detection[] = []): VariantRecord {
  const remedy = id === "baseline" ? "baseline" : "ubatch";
  const runs = totals.map(
    (totalMs) =>
      ({ totalMs, stages: [{ stage: "encode", ms: totalMs / 2 }], detections: [...detections] }) as unknown as Run,
  );
  return { variant: { id, remedy, label: id, overrides: {} }, runs };
}

describe("a row", () => {
  const baseline = record("baseline", [100, 200, 400], [button(0)]);

  it("takes ratios round by round: a machine that grows slower spoils nothing", () => {
    const row = rowOf(record("x", [50, 100, 200], [button(0)]), baseline);
    expect(row.ratio).toEqual({ median: 0.5, p5: 0.5, p95: 0.5 });
    expect(row.significant).toBe(true);
    expect(row.total?.median).toBe(100);
    expect(row.stages.encode?.median).toBe(50);
    expect(row.agreement).toMatchObject({ f1: 1, matched: 1 });
  });

  it("does not call a difference what its spread swallows, nor what too few rounds show", () => {
    expect(rowOf(record("x", [90, 210, 390]), baseline).significant).toBe(false);
    expect(rowOf(record("x", [50]), baseline).significant).toBeUndefined();
  });

  it("of the baseline has no ratio, and compares it with itself", () => {
    const row = rowOf(baseline, baseline);
    expect(row.ratio).toBeUndefined();
    expect(row.agreement?.f1).toBe(1);
  });

  it("that was not measured says why", () => {
    const row = rowOf({ ...record("x", []), out: { status: "skipped", reason: "it is the same" } }, baseline);
    expect(row).toMatchObject({ status: "skipped", reason: "it is the same", runs: 0 });
    expect(row.total).toBeUndefined();
  });

  it("has median and percentiles as d3 and numpy have them", () => {
    expect(spreadOf([1, 2, 3, 4])).toEqual({ median: 2.5, p5: 1.15, p95: 3.8499999999999996 });
  });
});

describe("doctor.try", () => {
  let fake: FakeHost;
  afterEach(() => fake.dispose());

  it("measures in rounds, leaves out what is the same, tells of it, and keeps no runs", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const rows: TryRow[] = [];
    const fractions: number[] = [];
    fake.host.on("doctor.progress", ({ id, row, fraction }) => {
      expect(id).toBe("mine");
      if (row !== undefined) rows.push(row);
      if (fraction !== undefined) fractions.push(fraction);
    });
    const report = await fake.host.call("doctor.try", { id: "mine", imageId, target: "fine", repeats: 3 });
    const byId = new Map(report.rows.map((row) => [row.id, row]));
    expect([...byId.keys()].slice(0, 2)).toEqual(["baseline", "image-tokens-640"]);
    expect(byId.get("baseline")).toMatchObject({ status: "done", runs: 3, agreement: { f1: 1 } });
    expect(byId.get("image-tokens-640")?.reason).toContain("the model's input is the baseline's, 32 × 32 px");
    expect(byId.get("vit-upstream")).toMatchObject({ status: "skipped", reason: "the encoder has no windowed layers" });
    expect(byId.get("ubatch-512")).toMatchObject({ status: "done", runs: 3, ratio: { median: 1 }, significant: false });
    expect(byId.get("flash-attention-off")?.runs).toBe(3);
    expect(report.rows.every(({ source }) => source.kind === "measurement")).toBe(true);
    expect(rows.length).toBe(3 * report.rows.filter(({ status }) => status === "done").length);
    expect(fractions.length).toBeGreaterThan(10);
    expect(fractions.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(await fake.host.call("runs.list", {})).toEqual([]);
  });

  it("ends with CANCELLED when it is cancelled, and the engine works on", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const steps: string[] = [];
    fake.host.on("doctor.progress", ({ step }) => void steps.push(step));
    const running = fake.host.call("doctor.try", { id: "mine", imageId, target: "slow" });
    const ended = expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await until(() => steps.includes("baseline: first run"));
    expect(await fake.host.call("doctor.cancel", { id: "other" })).toEqual({ cancelled: false });
    expect(await fake.host.call("doctor.cancel", { id: "mine" })).toEqual({ cancelled: true });
    await ended;
    expect((await fake.run("fine")).status).toBe("done");
  });

  it("fails as its baseline fails", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    await expect(fake.host.call("doctor.try", { imageId, target: "fail" })).rejects.toMatchObject({
      code: "OUT_OF_MEMORY",
    });
  });
});
