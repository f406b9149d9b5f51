import type { RunningEngine } from "../engine/supervisor.ts";
import type { DeviceTypes } from "../models/mmproj-choice.ts";
import { engineFacts } from "./facts/engine-facts.ts";
import { typeVerdict } from "./type-support.ts";

/**
 * What the device of a running engine does with weights of a type, from the same knowledge as the doctor's findings.
 * Nothing is said of the CPU: there smaller weights are worth more than weights that need no conversion.
 */
export function deviceTypesOf({ process, info }: RunningEngine): DeviceTypes {
  const { backend } = process;
  if (backend === "cpu") return () => undefined;
  const { features, llamaCppRelease } = info;
  const surroundings = { backend, facts: engineFacts(process.log.lines), features, llamaCppRelease };
  return (type) => typeVerdict(type, surroundings).support;
}
