import type { ServerContext } from "@modelcontextprotocol/server";
import { type EventPayload, type Phase, phaseSchema } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { plural } from "../presentation/numbers.ts";
import { phaseTexts } from "../presentation/texts.ts";

/** The phases of a run in their order; tools time no operators, so nothing comes after the answer. */
const phases: readonly Phase[] = phaseSchema.options.filter((phase) => phase !== "profile");

/** Smallest step that is told, in phases: tokens come more often than anyone looks. */
const smallestStep = 0.02;
/** Most of a phase that counts before the next begins, so that each beginning is a step. */
const mostOfPhase = 0.95;

/**
 * Tells the client how a run goes on, if it asked for that with a progress token: the number of phases that are behind
 * it, of the present one as much as is known. The protocol wants each number to be larger than the one before.
 */
export class RunProgressReport {
  readonly #context: ServerContext;
  readonly #unsubscribe: readonly (() => void)[];
  #runId: string | undefined;
  #told = -1;
  #found = 0;

  constructor(host: Host, context: ServerContext) {
    this.#context = context;
    const wanted = context.mcpReq._meta?.progressToken !== undefined;
    this.#unsubscribe = wanted
      ? [
          host.on("run.progress", (event) => this.#advance(event)),
          host.on("run.detection", ({ runId }) => {
            if (runId === this.#runId) this.#found += 1;
          }),
        ]
      : [];
  }

  /** From here on the run is known whose events are told. */
  begun(runId: string): void {
    this.#runId = runId;
    if (this.#unsubscribe.length > 0) this.#advance({ runId, phase: "queued" });
  }

  end(): void {
    for (const stop of this.#unsubscribe) stop();
  }

  #advance({ runId, phase, fraction = 0 }: EventPayload<"run.progress">): void {
    const progress = phases.indexOf(phase) + Math.min(fraction, mostOfPhase);
    if (runId !== this.#runId || progress - this.#told < smallestStep) return;
    this.#told = progress;
    const found = this.#found === 0 ? "" : `, ${plural(this.#found, "element")}`;
    this.#notify(progress, `${phaseTexts[phase]}${found}`);
  }

  #notify(progress: number, message: string): void {
    const { notify, _meta } = this.#context.mcpReq;
    const progressToken = _meta?.progressToken;
    if (progressToken === undefined) return;
    const params = { progressToken, progress, total: phases.length, message };
    // A client that has gone hears nothing, and its request is cancelled anyway.
    notify({ method: "notifications/progress", params }).catch(() => {});
  }
}
