import { readFile } from "node:fs/promises";
import {
  defined,
  type Endpoint,
  type EndpointEntry,
  endpointKindSchema,
  endpointKinds,
  endpointUrlSchema,
  localEngineId,
} from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { Environment } from "./environment.ts";
import { printError, UsageError } from "./errors.ts";
import { type Field, tableOf } from "./table.ts";
import { oneLine, type Terminal } from "./terminal.ts";

/** Options of `engines add`, as commander hands them over. */
export interface AddEngineOptions {
  readonly kind?: string;
  readonly model?: string;
  readonly preset?: string;
  readonly slots?: string;
  readonly keyFile?: string;
  readonly unencrypted?: boolean;
}

/** Prints one line for each engine. */
export async function listEngines({ terminal }: Environment, host: Host): Promise<void> {
  const [entries, { engines }] = [await host.call("endpoints.list", {}), await host.call("settings.get", {})];
  const fields: readonly Field<EndpointEntry | undefined>[] = [
    { title: "", of: (entry) => (engines.includes(entry?.endpoint.id ?? localEngineId) ? "*" : "") },
    { title: "id", of: (entry) => entry?.endpoint.id ?? localEngineId },
    { title: "name", flexible: true, of: (entry) => entry?.endpoint.name ?? "this machine" },
    { title: "kind", of: (entry) => entry?.endpoint.kind ?? "" },
    { title: "address", flexible: true, of: (entry) => entry?.endpoint.url ?? "" },
    { title: "model", flexible: true, of: (entry) => entry?.endpoint.model ?? "" },
    { title: "key", of: (entry) => (entry?.hasKey ? "kept" : "") },
  ];
  terminal.out(tableOf(terminal, fields, [undefined, ...entries]));
}

/** Adds a server and says what it is. Throws UsageError, and what hinders to ask it. */
export async function addEngine(
  environment: Environment,
  host: Host,
  name: string,
  url: string,
  options: AddEngineOptions,
): Promise<number> {
  const { model, preset, keyFile, unencrypted } = options;
  const key = keyFile === undefined ? undefined : await keyOf(keyFile);
  const { endpoint } = await host.call("endpoints.add", {
    name,
    url: urlOf(url),
    ...defined({
      kind: kindOf(options.kind),
      model,
      preset,
      slots: slotsOf(options.slots),
      key,
      sendUnencrypted: unencrypted,
    }),
  });
  environment.terminal.out(`Added the engine ${endpoint.id} (${endpoint.kind}).\n`);
  return (await checkEngines(environment, host, [endpoint.id])) ? 0 : 1;
}

export async function removeEngine({ terminal }: Environment, host: Host, id: string): Promise<void> {
  const { removed } = await host.call("endpoints.remove", { id });
  terminal.out(removed ? `Removed ${oneLine(id)}.\n` : `There is no engine ${oneLine(id)}.\n`);
}

/** Asks engines, or all of them, what they are. False if one of them cannot be used. */
export async function checkEngines({ terminal }: Environment, host: Host, ids: readonly string[]): Promise<boolean> {
  const entries = await host.call("endpoints.list", {});
  const wanted = ids.length > 0 ? ids : entries.map(({ endpoint }) => endpoint.id);
  let good = true;
  for (const id of wanted) good = (await checkEngine(terminal, host, id)) && good;
  return good;
}

async function checkEngine(terminal: Terminal, host: Host, id: string): Promise<boolean> {
  const { probe, model, preset, problem } = await host.call("endpoints.check", { id });
  if (probe === undefined) {
    if (problem !== undefined) printError(terminal, problem, id);
    return false;
  }
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["engine", `${id}, ${probe.kind}${probe.version === undefined ? "" : ` ${probe.version}`}`],
    ["model", model ?? "it lists none"],
    ["asked as", preset ?? "not known: choose a preset (holoscope engines add --preset)"],
    ["slots", probe.slots?.toString()],
    ["context", probe.contextTokens === undefined ? undefined : `${probe.contextTokens} tokens`],
    ["images", probe.vision === false ? "its model sees no images" : undefined],
  ];
  for (const [what, value] of rows) if (value !== undefined) terminal.out(`${what.padEnd(9)} ${oneLine(value)}\n`);
  return probe.vision !== false && preset !== undefined;
}

/** Ids of the engines that are named; undefined for none, so that the settings' are taken. */
export async function engineIds(host: Host, named: readonly string[]): Promise<string[] | undefined> {
  const ids: string[] = [];
  for (const each of named) ids.push(await engineId(host, each));
  return ids.length === 0 ? undefined : ids;
}

/** The id of an engine that is named by its id or its address; an address that is new is added. */
async function engineId(host: Host, named: string): Promise<string> {
  if (!/^https?:/i.test(named)) return named;
  const url = urlOf(named);
  const present = (await host.call("endpoints.list", {})).find(({ endpoint }) => sameAddress(endpoint, url));
  return (present ?? (await host.call("endpoints.add", { url }))).endpoint.id;
}

function sameAddress({ url }: Endpoint, other: string): boolean {
  return new URL(url).href === new URL(other).href;
}

function urlOf(text: string): string {
  const url = endpointUrlSchema.safeParse(text);
  if (url.success) return url.data;
  throw new UsageError(`"${oneLine(text)}" is no address of a server.`, "For example: http://127.0.0.1:8080");
}

function kindOf(text: string | undefined): Endpoint["kind"] | undefined {
  if (text === undefined) return undefined;
  const kind = endpointKindSchema.safeParse(text);
  if (kind.success) return kind.data;
  throw new UsageError(`--kind does not know "${oneLine(text)}".`, `The kinds are: ${endpointKinds.join(", ")}.`);
}

function slotsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const slots = Number(text);
  if (Number.isInteger(slots) && slots >= 1 && slots <= 1024) return slots;
  throw new UsageError("--slots takes a whole number from 1 to 1024.");
}

/** A key is given in a file: other users may see the arguments of a command. */
async function keyOf(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`The key file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (text.trim() !== "") return text.trim();
  throw new UsageError(`The key file ${oneLine(file)} is empty.`);
}
