import type { IncomingMessage } from "node:http";
import sharp from "sharp";
import { type DetectSettings, HoloscopeError } from "../../../contract/index.ts";
import { now } from "../../clock.ts";
import type {
  GeneratedElsewhere,
  GeneratedToken,
  GenerateOptions,
  PreparedTokens,
  Prompt,
  RemoteSession,
  Resources,
  ToldElsewhere,
} from "../session.ts";
import { hostOf, lines, type Server, send, strange } from "./http.ts";
import { imageMarks, type Told, type Wire } from "./wire.ts";

interface ElsewhereConfig {
  readonly server: Omit<Server, "signal">;
  readonly wire: Wire;
  /** The server's name of the model. */
  readonly model: string | undefined;
  /** What earlier questions to the same model have shown of the server. */
  readonly known: KnownServer;
}

/** What questions to one model of one server have shown. */
export class KnownServer {
  /** Tokens of texts, by the text. */
  readonly texts = new Map<string, number>();
  /** Sizes that came through as they were, "1280x736". */
  readonly sizes = new Set<string>();
}

/** One question to a model that a server elsewhere runs. */
export class ElsewhereSession implements RemoteSession {
  readonly place = "elsewhere";
  readonly probability: Wire["probability"];
  readonly #config: ElsewhereConfig;
  readonly #abort = new AbortController();
  #asked:
    | { readonly path: string; readonly body: unknown; readonly prompt: Prompt; readonly textTokens: number }
    | undefined;
  #answer: AsyncGenerator<string> | undefined;
  #response: Promise<IncomingMessage> | undefined;
  /** Tokens that came before generate(). */
  #first: GeneratedToken[] = [];
  #finish: GeneratedElsewhere["finish"] | undefined;
  #told: Told = {};

  constructor(config: ElsewhereConfig) {
    this.#config = config;
    this.probability = config.wire.probability;
  }

  resources(): Resources {
    return {};
  }

  async prepare(prompt: Prompt, settings: DetectSettings): Promise<PreparedTokens> {
    const { wire, model } = this.#config;
    const { question, rgb, width, height, imageTokens } = prompt;
    const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const start = now();
    const counted = !this.#config.known.texts.has(question.prompt);
    const textTokens = await this.#textTokens(prompt);
    const countMs = now() - start;
    const asked = { model, png, size: { width, height }, question, settings };
    this.#asked = { ...(await wire.request(this.#server, asked)), prompt, textTokens };
    return { imageTokens, textTokens, ...(counted ? { countMs } : {}) };
  }

  async upload(): Promise<void> {
    const { path, body } = this.#prepared;
    await new Promise<void>((resolve, reject) => {
      this.#response = send(this.#server, path, body, resolve);
      this.#response.catch(reject);
    });
  }

  get tellsTurn(): boolean {
    return this.#config.wire.tellsTurn;
  }

  async turn(): Promise<void> {
    await this.#next();
  }

  async prefill(): Promise<void> {
    while (this.#first.length === 0 && this.#finish === undefined) await this.#next();
  }

  async generate({ onTokens, maxTokens }: GenerateOptions): Promise<GeneratedElsewhere> {
    const { prompt } = this.#prepared;
    const { known } = this.#config;
    const size = `${prompt.width}x${prompt.height}`;
    // Where it is not known yet whether the server resizes, no element may be shown before that is.
    const held: GeneratedToken[] = [];
    let count = 0;
    const pass = (tokens: readonly GeneratedToken[]): void => {
      count += tokens.length;
      if (known.sizes.has(size)) onTokens(tokens);
      else held.push(...tokens);
    };
    pass(this.#first);
    while (this.#finish === undefined) {
      await this.#next();
      if (this.#first.length > 0) pass(this.#first);
    }
    await this.#drain();
    this.#checkSize(true);
    if (held.length > 0) onTokens(held);
    const finish = this.#finish === "eos" && count >= maxTokens ? "length" : this.#finish;
    return { finish, tokens: this.#told.generatedTokens ?? count };
  }

  told(): ToldElsewhere {
    const { queueMs, promptMs, cachedTokens } = this.#told;
    const constraint = this.#config.wire.constraint(this.#prepared.prompt.question);
    return { queueMs, promptMs, endpoint: { constraint, ...(cachedTokens === undefined ? {} : { cachedTokens }) } };
  }

  cancel(): void {
    this.#abort.abort();
  }

  get #server(): Server {
    return { ...this.#config.server, signal: this.#abort.signal };
  }

  get #prepared() {
    if (this.#asked === undefined) throw new HoloscopeError("INTERNAL", "Nothing is prepared to be sent.");
    return this.#asked;
  }

  async #textTokens({ question }: Prompt): Promise<number> {
    const { wire, model, known } = this.#config;
    const present = known.texts.get(question.prompt);
    if (present !== undefined) return present;
    const tokens = await wire.textTokens(this.#server, { model, question });
    known.texts.set(question.prompt, tokens);
    return tokens;
  }

  /** Takes the next event of the answer; its tokens are then the first ones. */
  async #next(): Promise<void> {
    if (this.#response === undefined) throw new HoloscopeError("INTERNAL", "Nothing was sent.");
    this.#answer ??= lines(this.#server, await this.#response);
    const { wire } = this.#config;
    this.#first = [];
    for (;;) {
      const { value, done } = await this.#answer.next();
      if (done === true) throw cutOff(this.#server);
      const event = wire.read(this.#server, value);
      if (event === undefined) continue;
      this.#tell(event.told);
      this.#first = [...(event.tokens ?? [])];
      this.#finish = event.finish;
      this.#checkSize(false);
      return;
    }
  }

  /** What a server tells after the answer's end: its counts. */
  async #drain(): Promise<void> {
    if (this.#answer === undefined) return;
    for await (const line of this.#answer) this.#tell(this.#config.wire.read(this.#server, line)?.told);
  }

  #tell(told: Told = {}): void {
    const present = Object.entries(told).filter(([, value]) => value !== undefined);
    this.#told = { ...this.#told, ...Object.fromEntries(present) };
  }

  /**
   * Boxes land only if the encoder got the very image that was sent: that shows in the number of its tokens.
   * @param atEnd whether nothing more will be told. Errors: ENDPOINT_RESIZES.
   */
  #checkSize(atEnd: boolean): void {
    const { prompt, textTokens } = this.#prepared;
    const { promptTokens } = this.#told;
    const { width, height, imageTokens } = prompt;
    const host = hostOf(this.#server);
    if (promptTokens === undefined) {
      if (!atEnd || this.#config.known.sizes.has(`${width}x${height}`)) return;
      throw new HoloscopeError(
        "ENDPOINT_RESIZES",
        `${host} does not tell how many tokens the image became, so that nobody knows where its boxes lie.`,
        "Use a server that reports usage, such as llama-server or vLLM.",
      );
    }
    const got = promptTokens - textTokens;
    if (got >= imageTokens && got <= imageTokens + imageMarks) {
      this.#config.known.sizes.add(`${width}x${height}`);
      return;
    }
    throw new HoloscopeError(
      "ENDPOINT_RESIZES",
      `${host} resized the image: it became about ${got} tokens instead of ${imageTokens} (${width} × ${height} px), so that boxes would not land.`,
      "Choose another preset if this is not its model's, set maxImageTokens within the server's limits, or raise those " +
        "(llama-server --image-max-tokens, vLLM --mm-processor-kwargs).",
    );
  }
}

function cutOff(server: Server): HoloscopeError {
  const { message, hint } = strange(server, "its answer ended before its end", "");
  return new HoloscopeError("ENDPOINT_UNREACHABLE", message, hint, undefined, {});
}
