import type {
  EventName,
  EventPayload,
  HoloscopeError,
  ImageRef,
  MethodName,
  MethodParams,
  MethodResult,
} from "../../app/contract/index.ts";
import type { WindowClient } from "../../renderer/client/client.ts";
import { Listeners } from "../../renderer/client/listeners.ts";
import type { Connection } from "../../renderer/logic/engine-summary.ts";

type Answers = { readonly [M in MethodName]?: (params: MethodParams<M>) => MethodResult<M> | Promise<MethodResult<M>> };

/** A client whose answers and events the test gives; a method without an answer rejects. */
export class FakeClient implements WindowClient {
  readonly door = "browser";
  readonly calls: { readonly method: MethodName; readonly params: unknown }[] = [];
  readonly connections = new Listeners<Connection>();
  private readonly events = new Map<EventName, Listeners<unknown>>();

  private readonly answers: Answers;

  constructor(
    answers: Answers,
    private readonly file: (file: Blob, name?: string) => Promise<ImageRef> = () =>
      Promise.reject(new Error("no file")),
  ) {
    // Asked for every image that is opened: no test need say that there is none.
    this.answers = { "truth.get": () => ({ truth: null }), ...answers };
  }

  async call<M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>> {
    this.calls.push({ method, params });
    const answer = this.answers[method];
    if (answer === undefined) throw new Error(`the test has no answer for ${method}`);
    return answer(params);
  }

  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    const listeners = this.events.get(event) ?? new Listeners<unknown>();
    this.events.set(event, listeners);
    return listeners.add(listener as (payload: unknown) => void);
  }

  emit<E extends EventName>(event: E, payload: EventPayload<E>): void {
    this.events.get(event)?.emit(payload);
  }

  addFile(file: Blob, name?: string): Promise<ImageRef> {
    return this.file(file, name);
  }

  pathOf(file: File): string {
    return `/disk/${file.name}`;
  }

  imageUrl(id: string): string {
    return `/images/${id}`;
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    return this.connections.add(listener);
  }

  onProblem(_listener: (error: HoloscopeError) => void): () => void {
    return () => undefined;
  }
}
