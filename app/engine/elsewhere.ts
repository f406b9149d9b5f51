import {
  type EndpointCall,
  type EndpointProbe,
  type EngineRequest,
  HoloscopeError,
  presetForName,
} from "../contract/index.ts";
import { type ModelTraits, presetTraits } from "./families/index.ts";
import { SeenImages } from "./image/seen.ts";
import { inspectPair } from "./inspect.ts";
import type { AskedModel } from "./models.ts";
import { chatWire } from "./session/remote/chat.ts";
import type { Server } from "./session/remote/http.ts";
import { llamaServer } from "./session/remote/llama-server.ts";
import { ollama } from "./session/remote/ollama.ts";
import { probe } from "./session/remote/probe.ts";
import { ElsewhereSession, KnownServer } from "./session/remote/session.ts";
import type { Wire } from "./session/remote/wire.ts";

/** Encoding a large image on a slow processor takes minutes without a byte. */
const answerIdleMs = 30 * 60_000;
/** What a server tells of itself it tells at once. */
const probeIdleMs = 15_000;

const wires: Readonly<Partial<Record<EndpointCall["kind"], Wire>>> = {
  "llama-server": llamaServer,
  vllm: chatWire("vllm"),
  sglang: chatWire("sglang"),
  ollama,
  "lm-studio": chatWire("lm-studio"),
  openai: chatWire("openai"),
};

type EndpointToProbe = Extract<EngineRequest, { type: "probe-endpoint" }>["endpoint"];

/** Models that servers elsewhere run, and what earlier questions have shown of those servers. */
export class Elsewhere {
  readonly #known = new Map<string, KnownServer>();

  /** A model that is ready for one question. Errors: BAD_REQUEST if nobody knows how it is asked; those of the files of `like`. */
  async open(endpoint: EndpointCall): Promise<AskedModel> {
    const { url, kind, model, key } = endpoint;
    const wire = wires[kind];
    if (wire === undefined) throw new HoloscopeError("BAD_REQUEST", `Servers of the kind "${kind}" are not asked so.`);
    const traits = await traitsOf(endpoint);
    const place = JSON.stringify([url, model]);
    const known = this.#known.get(place) ?? new KnownServer();
    this.#known.set(place, known);
    const session = new ElsewhereSession({ server: { url, key, idleMs: answerIdleMs }, wire, model, known });
    return { session, traits, seen: new SeenImages() };
  }

  /** See {@link probe}. */
  probe({ url, kind, key }: EndpointToProbe, signal: AbortSignal): Promise<EndpointProbe> {
    const server: Server = { url, key, signal, idleMs: probeIdleMs };
    return probe(server, kind);
  }
}

/** How the model is asked. What a file on this machine says of confidences holds for this machine's engine alone. */
async function traitsOf({ preset, like, model = "" }: EndpointCall): Promise<ModelTraits> {
  if (like !== undefined) {
    const { calibration: _, minConfidence: __, ...traits } = (await inspectPair(like)).traits;
    return traits;
  }
  const chosen = preset ?? presetForName(model);
  if (chosen !== undefined) return presetTraits(chosen);
  throw new HoloscopeError(
    "BAD_REQUEST",
    `Nobody knows how the model "${model}" is asked.`,
    "Choose its preset (holoscope engines add --preset; holoscope models presets lists them).",
  );
}
