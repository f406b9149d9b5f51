import { z } from "zod";
import { defined, type EndpointKind, type EndpointProbe, HoloscopeError } from "../../../contract/index.ts";
import { listedModels } from "./chat.ts";
import { ask, type Server } from "./http.ts";

interface Recognised extends Omit<EndpointProbe, "kind" | "models"> {
  readonly models?: readonly string[];
}

/** Tells whether a server is of a kind, by an endpoint of that kind alone; throws if it is not. */
type Recogniser = (server: Server) => Promise<Recognised>;

const propsSchema = z.object({
  total_slots: z.int().positive(),
  build_info: z.string().optional(),
  modalities: z.object({ vision: z.boolean() }).optional(),
  default_generation_settings: z.object({ n_ctx: z.int() }).optional(),
});
const healthSchema = z.object({ service: z.literal("holoscope"), version: z.string(), model: z.string() });
const versionSchema = z.object({ version: z.string() });
const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });
const namedSchema = z.object({ data: z.array(z.object({ id: z.string(), type: z.string() })) });

/** In this order: what comes later is answered by more kinds. */
const recognisers: readonly (readonly [EndpointKind, Recogniser])[] = [
  [
    "holoscope",
    async (server) => {
      const { version, model } = await ask(server, "/health", healthSchema);
      return { version, models: [model] };
    },
  ],
  [
    "llama-server",
    async (server) => {
      const props = await ask(server, "/props", propsSchema);
      return defined({
        version: props.build_info,
        slots: props.total_slots,
        contextTokens: props.default_generation_settings?.n_ctx,
        vision: props.modalities?.vision,
      });
    },
  ],
  [
    "ollama",
    async (server) => {
      const { version } = await ask(server, "/api/version", versionSchema);
      return { version, models: (await ask(server, "/api/tags", tagsSchema)).models.map(({ name }) => name) };
    },
  ],
  [
    "lm-studio",
    async (server) => ({
      models: (await ask(server, "/api/v0/models", namedSchema)).data
        .filter(({ type }) => type === "vlm")
        .map(({ id }) => id),
    }),
  ],
  ["sglang", async (server) => ({ version: (await ask(server, "/get_server_info", versionSchema)).version })],
  ["vllm", async (server) => ({ version: (await ask(server, "/version", versionSchema)).version })],
  ["openai", async () => ({})],
];

/**
 * Finds out what a server is, by its own endpoints and never by its port.
 * @param kind what the user says it is; recognised if left out
 * Errors: ENDPOINT_UNREACHABLE, ENDPOINT_BUSY (it loads its model), UNAUTHORIZED, ENDPOINT_FAILED if it is none of the kinds.
 */
export async function probe(server: Server, kind?: EndpointKind): Promise<EndpointProbe> {
  for (const [each, recognise] of recognisers) {
    if (kind !== undefined && kind !== each) continue;
    const recognised = await recognise(server).catch((error: unknown) => {
      const { code } = HoloscopeError.from(error);
      // Another kind answers that it has no such page, or with something else; the rest holds for every kind.
      if (code === "ENDPOINT_FAILED" && kind === undefined) return undefined;
      throw error;
    });
    if (recognised === undefined) continue;
    const models = recognised.models ?? (await listedModels(server)).map(({ id }) => id);
    return { ...recognised, kind: each, models: [...models] };
  }
  throw new HoloscopeError("INTERNAL", "No kind of server was tried.");
}
