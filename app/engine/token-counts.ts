import type { GenerateResult, PreparedPrompt } from "../../native/index.ts";
import type { TokenCounts } from "../contract/index.ts";

/** What a run counts of the prompt and of the answer. */
export function tokenCounts(
  { imageTokens, textTokens }: PreparedPrompt,
  { tokens, calls, jumps, proposed, accepted }: GenerateResult,
): TokenCounts {
  return {
    image: imageTokens,
    text: textTokens,
    generated: tokens,
    decoding: { calls, jumps, proposed, accepted },
  };
}
