import type { Finding } from "../../../contract/index.ts";
import type { DoctorCase } from "../case.ts";

/** A rule's finding, without the rule's id. */
export type Verdict = Omit<Finding, "rule" | "evidence"> & { readonly evidence?: readonly string[] };

/** Rules by their ids. Each concludes only from what the case holds, and names the source of each verdict. */
export type Rules = Readonly<Record<string, (found: DoctorCase) => Verdict | readonly Verdict[] | undefined>>;
