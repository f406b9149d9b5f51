import { describe, expect, it } from "vitest";
import { resolveSettings } from "../../../app/contract/index.ts";
import { planContext, planJumps, planThreads, raiseContext } from "../../../app/engine/session/context.ts";

const settings = (overrides = {}) => resolveSettings("balanced", { maxNewTokens: 512, ...overrides });

describe("planThreads", () => {
  it("takes physical cores, and one thread to generate with a small model", () => {
    expect(planThreads(settings(), 4, 18.5e6)).toEqual({ threads: 4, generateThreads: 1 });
    expect(planThreads(settings(), 4, 7e9)).toEqual({ threads: 4, generateThreads: 4 });
  });

  it("never takes more than physical cores, whatever is asked for", () => {
    expect(planThreads(settings({ threads: 64, generateThreads: 64 }), 4, 7e9)).toEqual({
      threads: 4,
      generateThreads: 4,
    });
    expect(planThreads(settings({ threads: 2, generateThreads: 3 }), 4, 1e6)).toEqual({
      threads: 2,
      generateThreads: 3,
    });
  });
});

describe("planJumps", () => {
  it("decodes several tokens at a time where the whole model is on a GPU, or as it is told", () => {
    const plan = (jumpForward: "auto" | "on" | "off", layersOnGpu?: number, architecture = "qwen2vl") =>
      planJumps(settings({ jumpForward }), { layers: 28, layersOnGpu, architecture });
    expect([plan("auto"), plan("auto", 0), plan("auto", 27), plan("auto", 28)]).toEqual([false, false, false, true]);
    expect([plan("on", 0), plan("off", 28)]).toEqual([true, false]);
    // Recurrent states are taken back rightly on a CPU only.
    for (const hybrid of ["qwen35", "qwen35moe"]) {
      expect([plan("auto", 28, hybrid), plan("on", 1, hybrid), plan("on", 0, hybrid)]).toEqual([false, false, true]);
    }
  });
});

describe("planContext", () => {
  const threads = { threads: 2, generateThreads: 1 };
  const need = { jumps: false, imageTokens: 920, prompt: "x".repeat(100), threads };

  it("makes the context large enough for image, prompt and answer, and the batch for the whole image", () => {
    const plan = planContext(settings(), need);
    expect(plan.contextTokens).toBeGreaterThanOrEqual(920 + 100 + 512);
    expect(plan.contextTokens).toBeLessThan(920 + 100 + 512 + 300);
    expect(plan.batchTokens).toBeGreaterThanOrEqual(920);
    expect(plan.ubatchTokens).toBe(plan.batchTokens);
    expect(plan).toMatchObject({ prefillThreads: 2, generateThreads: 1 });
  });

  it("counts a prompt by its bytes, so that no script has more tokens than counted", () => {
    const plan = planContext(settings(), { ...need, prompt: "検".repeat(1000) });
    expect(plan.contextTokens).toBeGreaterThanOrEqual(920 + 3000 + 512);
  });

  it("keeps a larger context, but not against the user's own number", () => {
    const large = planContext(settings(), { ...need, imageTokens: 2691 });
    expect(planContext(settings(), need, large)).toEqual(large);
    expect(planContext(settings({ contextTokens: 1024, batchTokens: 512 }), need, large)).toMatchObject({
      contextTokens: 1024,
      batchTokens: 512,
      ubatchTokens: 512,
    });
  });

  it("never makes a batch larger than the context", () => {
    expect(planContext(settings({ contextTokens: 512 }), need)).toMatchObject({ batchTokens: 512, ubatchTokens: 512 });
  });

  it("raises a context beyond the tokens it must hold", () => {
    expect(raiseContext(planContext(settings({ contextTokens: 512 }), need), 1500).contextTokens).toBeGreaterThan(1500);
  });
});
