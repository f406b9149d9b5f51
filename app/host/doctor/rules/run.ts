import { least, sum } from "d3-array";
import type { TryRow } from "../../../contract/index.ts";
import { formatShare, plural } from "../../../presentation/numbers.ts";
import type { DoctorCase, ObservedRun } from "../case.ts";
import type { Rules } from "./rule.ts";

/** Share of encode and prefill in a run, and image tokens, above which shrinking the image is worth measuring first. */
const muchOfTheRun = 0.5;
const manyImageTokens = 640;

function share({ stages, totalMs }: ObservedRun, name: string): number {
  const ms = sum(stages, ({ stage, reused, ms }) => (stage === name && !reused ? ms : 0));
  return totalMs > 0 ? ms / totalMs : 0;
}

/** The fastest measured smaller image; undefined if none was clearly faster. */
function fastest(tried: DoctorCase["tried"]): string | undefined {
  const rows = (tried?.rows ?? []).filter(
    ({ remedy, status, significant, ratio }: TryRow) =>
      remedy === "image-tokens" && status === "done" && significant === true && (ratio?.median ?? 1) < 1,
  );
  const best = least(rows, ({ ratio }) => ratio?.median);
  if (best?.ratio === undefined || best.tokens === undefined) return undefined;
  const boxes = best.agreement === undefined ? "" : `, F1 ${best.agreement.f1.toFixed(2)} against the baseline`;
  return `${plural(best.tokens.image, "token")} made it ${(1 / best.ratio.median).toFixed(1)} times faster (measured${boxes})`;
}

/** A full-HD screenshot, px, and the side in px of the square that an image token covers, by family. */
const fullHd = { width: 1920, height: 1080 };
const cellOfFamily: Readonly<Record<string, number>> = { qwen25vl: 28, qwen3vl: 32, qwen35: 32 };
const promptTokens = 64;

export const runRules: Rules = {
  "image-tokens": ({ run, tried }) => {
    if (run === undefined || run.tokens.image === 0 || run.stages.some(({ reused }) => reused)) return;
    const [encode, prefill] = [share(run, "encode"), share(run, "prefill")];
    const heavy = encode + prefill >= muchOfTheRun && run.tokens.image > manyImageTokens;
    const best = fastest(tried);
    return {
      severity: heavy ? "advice" : "fine",
      title: `${plural(run.tokens.image, "image token")}: prefill is ${formatShare(prefill)} and encode ${formatShare(encode)} of this run${best === undefined ? "" : `; ${best}`}.`,
      ...(heavy
        ? {
            explanation: "Both grow with the number of image tokens, encode faster than in proportion.",
            remedy: "Lower maxImageTokens, and try it (doctor --try): that measures time and boxes.",
            action: { type: "try" } as const,
          }
        : {}),
      source: run.source,
      evidence: ["run.stages", "run.tokens"],
    };
  },

  "ubatch-below-image": ({ run, settings, facts }) => {
    if (run === undefined) return;
    const batch = facts.context?.ubatchTokens ?? run.effective.batchTokens;
    const chosen = settings.batchTokens > 0 && settings.batchTokens < run.tokens.image;
    if (batch === undefined || (batch >= run.tokens.image && !chosen)) return;
    return {
      severity: "warning",
      title: `The micro-batch of ${Math.min(batch, settings.batchTokens || batch)} tokens is smaller than the image's ${plural(run.tokens.image, "token")}.`,
      explanation: "The image is then split over micro-batches, which is known to shift boxes.",
      remedy: "Set batchTokens to 0: the whole image at once.",
      action: { type: "change-settings", overrides: { batchTokens: 0 } },
      source: run.source,
      evidence: ["log.context"],
    };
  },

  "context-below-full-hd": ({ settings, family }) => {
    const cell = cellOfFamily[family ?? ""];
    if (settings.contextTokens === 0 || cell === undefined) return;
    const whole = Math.round(fullHd.width / cell) * Math.round(fullHd.height / cell);
    const image = Math.min(whole, settings.maxImageTokens);
    const need = image + promptTokens + settings.maxNewTokens;
    if (settings.contextTokens >= need) return;
    const refused = settings.contextTokens < image + promptTokens;
    return {
      severity: refused ? "problem" : "warning",
      title: `A context of ${plural(settings.contextTokens, "token")} is too small for a 1920 × 1080 screenshot: image, prompt and answer take up to ${plural(need, "token")}.`,
      explanation: refused
        ? "Not even the image fits, so that the detection is refused."
        : "The context is raised for each such run, which costs time and memory again.",
      remedy: "Set contextTokens to 0: just what is needed.",
      action: { type: "change-settings", overrides: { contextTokens: 0 } },
      source: { kind: "settings", detail: `contextTokens = ${settings.contextTokens}` },
    };
  },

  "generation-stalled": ({ run }) => {
    const warning = run?.warnings.find(({ code }) => code === "GENERATION_STALLED");
    if (run === undefined || warning === undefined) return;
    return {
      severity: "warning",
      title: warning.message,
      remedy: "Close other programs and measure again; or set threads to fewer than the machine has cores.",
      source: run.source,
      evidence: ["run.stages"],
    };
  },
};
