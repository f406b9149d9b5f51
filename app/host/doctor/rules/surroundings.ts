import { percent, type Rule, type Verdict } from "./rule.ts";

/** A machine that is busier than this before we do anything spoils every figure. */
const busy = 0.5;

const busyMachine: Rule = {
  id: "busy-machine",
  look: ({ system }): Verdict[] =>
    system.busyShare < busy
      ? []
      : [
          {
            severity: "warning",
            title: `Other programs used ${percent(system.busyShare)} of the processor while the engine was idle.`,
            explanation: "Generation on the CPU suffers most, and all timings become noisy.",
            remedy: "Close them before measuring.",
            source: { kind: "system", detail: "processor times over half a second" },
            evidence: ["machine.load"],
          },
        ],
};

const battery: Rule = {
  id: "on-battery",
  look: ({ system }): Verdict[] =>
    system.onBattery === true
      ? [
          {
            severity: "warning",
            title: "The machine runs on its battery.",
            explanation: "Most laptops lower the clocks of processor and GPU then.",
            remedy: "Plug it in before measuring.",
            source: { kind: "system", detail: "power supply" },
            evidence: ["machine.power"],
          },
        ]
      : [],
};

const build: Rule = {
  id: "unsuitable-build",
  look: ({ facts }) =>
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

export const surroundingRules: readonly Rule[] = [busyMachine, battery, build];
