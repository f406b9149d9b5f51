import { HoloscopeError } from "../../contract/index.ts";
import { type Clock, realClock } from "./clock.ts";
import { type BreakerState, defaultHealthRules, EngineHealth, type HealthRules } from "./health.ts";
import { brokenSince, type Place, type PoolEngine, placeFor, roomOf } from "./places.ts";
import { positionsOf } from "./positions.ts";
import type { PoolTask } from "./task.ts";

export interface PoolRules extends HealthRules {
  /** How often one task is tried. */
  readonly mostAttempts: number;
  /** How long a task waits, ms, while every engine that may do it is out of order. */
  readonly patienceMs: number;
}

export const defaultPoolRules: PoolRules = { ...defaultHealthRules, mostAttempts: 5, patienceMs: 30_000 };

interface PoolConfig {
  /** Called when the number of waiting tasks, or what an engine does, changes. */
  readonly onChange?: () => void;
  readonly clock?: Clock;
  readonly rules?: PoolRules;
}

/** One engine as the pool sees it at a moment. */
export interface EngineInPool {
  readonly id: string;
  readonly limit: number;
  readonly running: number;
  readonly state: BreakerState;
}

/** A task in the pool, from its adding to its end. */
interface Entry {
  readonly task: PoolTask;
  /** Order of adding, which a task keeps when it is tried again. */
  readonly number: number;
  readonly addedAt: number;
  readonly failedOn: Set<string>;
  attempts: number;
  lastError?: HoloscopeError;
  /** As last told. */
  position?: number;
}

interface Attempt {
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Gives tasks to engines. Each engine takes the first waiting task that it may do as soon as it has room, so fast engines do
 * more and none waits for a slow one. A task whose engine failed keeps its place in the line and goes to another engine;
 * each task ends exactly once: done, given up or dropped.
 */
export class Pool {
  readonly #clock: Clock;
  readonly #rules: PoolRules;
  readonly #onChange: () => void;
  readonly #places = new Map<string, Place>();
  /** In the order of adding. */
  readonly #waiting: Entry[] = [];
  readonly #running = new Map<string, Attempt>();
  /** Ends of tasks that their owners are being told of. */
  readonly #telling = new Set<Promise<void>>();
  #probes = new AbortController();
  #wake: (() => void) | undefined;
  #added = 0;

  constructor(
    engines: readonly PoolEngine[],
    { onChange, clock = realClock, rules = defaultPoolRules }: PoolConfig = {},
  ) {
    this.#onChange = onChange ?? (() => {});
    this.#clock = clock;
    this.#rules = rules;
    this.#place(engines);
  }

  /** Number of waiting tasks, without the running ones. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get idle(): boolean {
    return this.#running.size === 0 && this.#waiting.length === 0;
  }

  get engines(): readonly EngineInPool[] {
    return this.#present().map(({ engine: { id, limit }, running, health: { state } }) => ({
      id,
      limit,
      running,
      state,
    }));
  }

  /** The waiting task that an engine takes next. */
  next(engineId: string): PoolTask | undefined {
    return this.#waiting.find(({ task }) => task.engines.includes(engineId))?.task;
  }

  /** Replaces the engines. One with a known id keeps its health and its tasks; tasks on one that is gone end there. */
  setEngines(engines: readonly PoolEngine[]): void {
    this.#place(engines);
    this.#dispatch();
  }

  add(task: PoolTask): void {
    const addedAt = this.#clock.now();
    this.#waiting.push({ task, number: this.#added++, addedAt, failedOn: new Set(), attempts: 0 });
    this.#tellPositions();
    this.#dispatch();
  }

  /** False if no task with this id is waiting or running. */
  cancel(id: string): boolean {
    const attempt = this.#running.get(id);
    if (attempt !== undefined) {
      attempt.abort.abort();
      return true;
    }
    const index = this.#waiting.findIndex(({ task }) => task.id === id);
    const [entry] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (entry === undefined) return false;
    this.#tell(entry.task.dropped());
    this.#dispatch();
    return true;
  }

  /** Cancels everything; resolves when the running tasks have ended and the owner of every task was told. */
  async clear(): Promise<void> {
    for (const { task } of this.#waiting.splice(0)) this.#tell(task.dropped());
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    this.#probes.abort();
    this.#probes = new AbortController();
    this.#dispatch();
    await Promise.all(running.map(({ ended }) => ended));
    await Promise.all(this.#telling);
  }

  #place(engines: readonly PoolEngine[]): void {
    for (const place of this.#places.values()) place.present = false;
    for (const engine of engines) {
      const known = this.#places.get(engine.id);
      if (known !== undefined) Object.assign(known, { engine, present: true });
      else {
        const health = new EngineHealth(this.#clock, this.#rules);
        this.#places.set(engine.id, { engine, present: true, health, running: 0, probing: false });
      }
    }
  }

  #present(): Place[] {
    return [...this.#places.values()].filter(({ present }) => present);
  }

  #allowed({ task }: Entry): Place[] {
    return task.engines.flatMap((id) => {
      const place = this.#places.get(id);
      return place?.present === true ? [place] : [];
    });
  }

  #placeFor(entry: Entry): Place | undefined {
    return placeFor(this.#allowed(entry), (id) => entry.failedOn.has(id));
  }

  /** To be called whenever something has changed. */
  #dispatch(): void {
    // Before anything is decided: what ends while it is would be over for the alarm, but was not for the decision.
    const since = this.#clock.now();
    this.#giveUpHopeless();
    for (const place of this.#wanted()) this.#revive(place);
    // Looked for anew each time: what starts may add and cancel others at once.
    for (let entry = this.#startable(); entry !== undefined; entry = this.#startable()) this.#start(entry);
    this.#setAlarm(since);
    this.#tellPositions();
    this.#onChange();
  }

  #startable(): Entry | undefined {
    if (!this.#present().some((place) => roomOf(place) > 0)) return undefined;
    return this.#waiting.find((entry) => this.#placeFor(entry) !== undefined);
  }

  #start(entry: Entry): void {
    const place = this.#placeFor(entry);
    if (place === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(entry), 1);
    entry.attempts++;
    place.running++;
    const abort = new AbortController();
    this.#running.set(entry.task.id, { abort, ended: this.#attempt(entry, place, abort.signal) });
  }

  async #attempt(entry: Entry, place: Place, signal: AbortSignal): Promise<void> {
    const begunAt = this.#clock.now();
    let failure: HoloscopeError | undefined;
    try {
      await entry.task.run(signal, place.engine.id);
    } catch (error) {
      failure = HoloscopeError.from(error);
    }
    place.running--;
    this.#running.delete(entry.task.id);
    // What a cancelled task ends with says nothing of the engine.
    const retry = signal.aborted ? undefined : failure?.retry;
    if (failure === undefined) {
      if (!signal.aborted) place.health.succeeded();
    } else if (retry === undefined) {
      this.#giveUp(entry, failure);
    } else {
      place.health.failed(begunAt, retry);
      place.lastError = failure;
      this.#again(entry, place.engine.id, failure);
    }
    this.#dispatch();
  }

  /** Puts a task whose engine failed back to its place in the line. */
  #again(entry: Entry, engineId: string, failure: HoloscopeError): void {
    if (entry.attempts >= this.#rules.mostAttempts) {
      this.#giveUp(entry, failure);
      return;
    }
    entry.failedOn.add(engineId);
    entry.lastError = failure;
    delete entry.position;
    const behind = this.#waiting.findIndex(({ number }) => number > entry.number);
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, entry);
  }

  #giveUp({ task }: Entry, error: HoloscopeError): void {
    if (task.givenUp !== undefined) this.#tell(task.givenUp(error));
  }

  /** Gives up the tasks that no engine will take in time. */
  #giveUpHopeless(): void {
    const now = this.#clock.now();
    for (const entry of this.#waiting.filter((each) => (this.#hopelessAt(each) ?? Number.POSITIVE_INFINITY) <= now)) {
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
      const known = entry.lastError ?? this.#allowed(entry).find(({ lastError }) => lastError !== undefined)?.lastError;
      this.#giveUp(entry, known ?? noEngineError(entry.task.engines));
    }
  }

  /** Time on the clock at which a task is given up if nothing changes. */
  #hopelessAt(entry: Entry): number | undefined {
    const since = brokenSince(this.#allowed(entry));
    if (since === undefined || since === Number.NEGATIVE_INFINITY) return since;
    return Math.max(since, entry.addedAt) + this.#rules.patienceMs;
  }

  /** Engines that a waiting task may go to. */
  #wanted(): Place[] {
    return this.#present().filter(({ engine }) => this.next(engine.id) !== undefined);
  }

  /** Asks an engine that is out of order, and has rested, whether it is well again. */
  #revive(place: Place): void {
    const { engine, health, probing } = place;
    if (health.state !== "open" || health.resting || probing) return;
    if (engine.probe === undefined) {
      health.probed();
      return;
    }
    place.probing = true;
    void this.#probe(place, engine.probe(this.#probes.signal));
  }

  async #probe(place: Place, answer: Promise<void>): Promise<void> {
    const begunAt = this.#clock.now();
    try {
      await answer;
      place.health.probed();
    } catch (error) {
      place.lastError = HoloscopeError.from(error);
      place.health.failed(begunAt, place.lastError.retry ?? {});
    }
    place.probing = false;
    this.#dispatch();
  }

  /**
   * Looks again when an engine has rested, or a task has waited long enough.
   * @param since what lay before this time on the clock has been looked at
   */
  #setAlarm(since: number): void {
    this.#wake?.();
    const times = [
      ...this.#wanted().map(({ health }) => health.restsUntil),
      ...this.#waiting.map((entry) => this.#hopelessAt(entry) ?? since),
    ].filter((time) => time > since);
    const wait = Math.max(0, Math.min(...times) - this.#clock.now());
    this.#wake = times.length === 0 ? undefined : this.#clock.after(wait, () => this.#dispatch());
  }

  #tellPositions(): void {
    const line = this.#waiting.map((entry) => ({
      engines: entry.task.engines,
      mayStart: this.#allowed(entry).some((place) => roomOf(place) > 0),
    }));
    const positions = positionsOf(line);
    for (const [index, entry] of [...this.#waiting].entries()) {
      const position = positions[index] ?? 0;
      if (entry.position === position) continue;
      entry.position = position;
      entry.task.moved?.(position);
    }
  }

  #tell(told: Promise<void>): void {
    const telling = told.catch(() => {});
    this.#telling.add(telling);
    void telling.then(() => this.#telling.delete(telling));
  }
}

function noEngineError(engines: readonly string[]): HoloscopeError {
  return new HoloscopeError(
    "ENDPOINT_NOT_FOUND",
    `There is no engine ${engines.map((id) => `"${id}"`).join(" or ")}.`,
    "Add one with: holoscope engines add NAME URL",
  );
}
