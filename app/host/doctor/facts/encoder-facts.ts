import type { EngineFacts } from "../../../contract/index.ts";
import { lastMatch } from "./line-search.ts";

/** What libmtmd logs about the vision encoder (tools/mtmd/clip.cpp) when it is created and at its first image. */
export function encoderFacts(texts: readonly string[]) {
  const backend = lastMatch(texts, /clip_ctx: CLIP using (\S+) backend/);
  const flash = lastMatch(texts, /warmup: flash attention is (enabled|disabled)/);
  const splits = lastMatch(texts, /(?:reserve|alloc)_compute_meta: graph splits = (\d+), nodes = (\d+)/);
  return {
    backend: backend && { name: backend.groups[1] ?? "", line: backend.line },
    flashAttention: flash && { on: flash.groups[1] === "enabled", line: flash.line },
    splits: splits && { splits: Number(splits.groups[1]), nodes: Number(splits.groups[2]), line: splits.line },
    unsupportedOps: unsupportedOps(texts),
  };
}

/** The last list after "list of unsupported ops": "warmup:          UPSCALE: type = f32, ne = [64 64 1152 1]". */
function unsupportedOps(texts: readonly string[]): EngineFacts["unsupportedEncoderOps"] {
  const head = texts.findLastIndex((line) => /list of unsupported ops/.test(line));
  if (head < 0) return [];
  const ops: EngineFacts["unsupportedEncoderOps"] = [];
  for (const line of texts.slice(head + 1)) {
    const [, op, type, shape] = /warmup:\s+([A-Z][A-Z_0-9]*): type = (\w+), ne = \[([\d ]+)\]/.exec(line) ?? [];
    if (op === undefined || type === undefined || shape === undefined) break;
    ops.push({ op, type, shape: shape.trim().split(/\s+/).map(Number), line: line.trim() });
  }
  return ops;
}
