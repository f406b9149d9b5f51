import { formatShare } from "../../../presentation/numbers.ts";
import type { Rules, Verdict } from "./rule.ts";

/** Share of the processor's time used by other programs above which no measurement is reliable. */
const busy = 0.5;

export const surroundingRules: Rules = {
  "busy-machine": ({ system }) => {
    if (system.busyShare < busy) return;
    return {
      severity: "warning",
      title: `Other programs used ${formatShare(system.busyShare)} of the processor while the engine was idle.`,
      explanation: "Generation on the CPU suffers most, and all timings become noisy.",
      remedy: "Close them before measuring.",
      source: { kind: "system", detail: "processor times over half a second" },
      evidence: ["machine.load"],
    };
  },

  "on-battery": ({ system }) => {
    if (system.onBattery !== true) return;
    return {
      severity: "warning",
      title: "The machine runs on its battery.",
      explanation: "Most laptops lower the clocks of processor and GPU then.",
      remedy: "Plug it in before measuring.",
      source: { kind: "system", detail: "power supply" },
      evidence: ["machine.power"],
    };
  },

  "unsuitable-build": ({ facts }) =>
    facts.buildComplaints.map(
      (line): Verdict => ({
        severity: "warning",
        title: "The engine's libraries say that they are not made for speed on this machine.",
        explanation: line,
        source: { kind: "engine-log", detail: line },
        evidence: ["log.build"],
      }),
    ),
};
