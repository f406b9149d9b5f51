import type { StageName } from "../../contract/index.ts";
import type { StageClock } from "../clock.ts";
import type { RemoteSession } from "../session/session.ts";
import { type AnswerListener, type Asked, answer } from "./answer.ts";
import type { Run } from "./plan.ts";
import { prepare } from "./prepare.ts";
import { pixelDetails, type View } from "./view.ts";

/**
 * Shows the view to a model that a server elsewhere runs, and reads its answer. Encoding and prefill are one stage,
 * measured here up to the first token; the queue is one where the server tells it, else part of that stage too.
 */
export async function askElsewhere(
  run: Run,
  session: RemoteSession,
  view: View,
  clock: StageClock,
  listener: AnswerListener,
): Promise<Asked> {
  const prepared = await clock.measure(
    "preprocess",
    () => prepare(run, view),
    ({ resizedAheadMs }) => pixelDetails(view, resizedAheadMs),
  );
  await clock.measure("upload", () => session.upload());
  const turn = session.tellsTurn;
  if (turn) await clock.measure("queue", () => session.turn());
  const includes: StageName[] = turn ? ["encode"] : ["queue", "encode"];
  await clock.measure(
    "prefill",
    () => session.prefill(),
    () => ({ includes }),
  );
  const answered = await clock.measure("generate", () => answer(run, view, prepared.question, listener));
  const { queueMs, promptMs } = session.told();
  if (queueMs !== undefined) clock.carve("prefill", "queue", queueMs);
  if (promptMs !== undefined) clock.note("prefill", { parts: [{ name: "by the server's clock", ms: promptMs }] });
  return { prepared, answer: answered };
}
