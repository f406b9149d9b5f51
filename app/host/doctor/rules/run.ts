import type { TryRow } from "../../../contract/doctor-try.ts";
import type { DoctorCase, ObservedRun } from "../case.ts";
import { counted, percent, type Rule, type Verdict } from "./rule.ts";

/** Above these, shrinking the image is the first thing to measure. */
const muchOfTheRun = 0.5;
const manyImageTokens = 640;

function share({ stages, totalMs }: ObservedRun, name: string): number {
  const ms = stages.filter(({ stage, reused }) => stage === name && !reused).reduce((sum, stage) => sum + stage.ms, 0);
  return totalMs > 0 ? ms / totalMs : 0;
}

const imageTokens: Rule = {
  id: "image-tokens",
  look: ({ run, tried }): Verdict[] => {
    if (run === undefined || run.tokens.image === 0 || run.stages.some(({ reused }) => reused)) return [];
    const [encode, prefill] = [share(run, "encode"), share(run, "prefill")];
    const heavy = encode + prefill >= muchOfTheRun && run.tokens.image > manyImageTokens;
    const best = fastest(tried);
    return [
      {
        severity: heavy ? "advice" : "fine",
        title: `${counted(run.tokens.image, "image token")}: prefill is ${percent(prefill)} and encode ${percent(encode)} of this run${best === undefined ? "" : `; ${best}`}.`,
        ...(heavy
          ? {
              explanation: "Both grow with the number of image tokens, encode faster than in proportion.",
              remedy: "Lower maxImageTokens, and try it (doctor --try): that measures time and boxes.",
              action: { type: "try" } as const,
            }
          : {}),
        source: run.source,
        evidence: ["run.stages", "run.tokens"],
      },
    ];
  },
};

/** What was measured of a smaller image; nothing where it was not clearly faster. */
function fastest(tried: DoctorCase["tried"]): string | undefined {
  const rows = (tried?.rows ?? []).filter(
    ({ remedy, status, significant, ratio }: TryRow) =>
      remedy === "image-tokens" && status === "done" && significant === true && (ratio?.median ?? 1) < 1,
  );
  const [best] = rows.sort((a, b) => (a.ratio?.median ?? 1) - (b.ratio?.median ?? 1));
  if (best?.ratio === undefined || best.tokens === undefined) return undefined;
  const boxes = best.agreement === undefined ? "" : `, F1 ${best.agreement.f1.toFixed(2)} against the baseline`;
  return `${counted(best.tokens.image, "token")} made it ${(1 / best.ratio.median).toFixed(1)} times faster (measured${boxes})`;
}

const smallBatch: Rule = {
  id: "ubatch-below-image",
  look: ({ run, settings, facts }): Verdict[] => {
    if (run === undefined) return [];
    const batch = facts.context?.ubatchTokens ?? run.effective.batchTokens;
    const chosen = settings.batchTokens > 0 && settings.batchTokens < run.tokens.image;
    if (batch >= run.tokens.image && !chosen) return [];
    return [
      {
        severity: "warning",
        title: `The micro-batch of ${Math.min(batch, settings.batchTokens || batch)} tokens is smaller than the image's ${counted(run.tokens.image, "token")}.`,
        explanation: "The image is then split over micro-batches, which is known to shift boxes.",
        remedy: "Set batchTokens to 0: the whole image at once.",
        action: { type: "change-settings", overrides: { batchTokens: 0 } },
        source: run.source,
        evidence: ["log.context"],
      },
    ];
  },
};

/** Sides of a full-HD screenshot, px, and the pixels that one image token of a family covers on each side. */
const fullHd = { width: 1920, height: 1080 };
const cellOfFamily: Readonly<Record<string, number>> = { qwen25vl: 28, qwen3vl: 32 };
const promptTokens = 64;

const smallContext: Rule = {
  id: "context-below-full-hd",
  look: ({ settings, family }): Verdict[] => {
    const cell = cellOfFamily[family ?? ""];
    if (settings.contextTokens === 0 || cell === undefined) return [];
    const whole = Math.round(fullHd.width / cell) * Math.round(fullHd.height / cell);
    const image = Math.min(whole, settings.maxImageTokens);
    const need = image + promptTokens + settings.maxNewTokens;
    if (settings.contextTokens >= need) return [];
    const refused = settings.contextTokens < image + promptTokens;
    return [
      {
        severity: refused ? "problem" : "warning",
        title: `A context of ${counted(settings.contextTokens, "token")} is too small for a 1920 × 1080 screenshot: image, prompt and answer take up to ${counted(need, "token")}.`,
        explanation: refused
          ? "Not even the image fits, so that the detection is refused."
          : "The context is raised for each such run, which costs time and memory again.",
        remedy: "Set contextTokens to 0: just what is needed.",
        action: { type: "change-settings", overrides: { contextTokens: 0 } },
        source: { kind: "settings", detail: `contextTokens = ${settings.contextTokens}` },
      },
    ];
  },
};

const stalled: Rule = {
  id: "generation-stalled",
  look: ({ run }): Verdict[] => {
    const warning = run?.warnings.find(({ code }) => code === "GENERATION_STALLED");
    if (run === undefined || warning === undefined) return [];
    return [
      {
        severity: "warning",
        title: warning.message,
        remedy: "Close other programs and measure again; or set threads to fewer than the machine has cores.",
        source: run.source,
        evidence: ["run.stages"],
      },
    ];
  },
};

export const runRules: readonly Rule[] = [imageTokens, smallBatch, smallContext, stalled];
