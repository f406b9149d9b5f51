import { beforeEach, describe, expect, it } from "vitest";
import { HoloscopeError } from "../../../app/contract/index.ts";
import type { PoolEngine } from "../../../app/host/pool/places.ts";
import { defaultPoolRules, Pool } from "../../../app/host/pool/pool.ts";
import { FakeClock, settled } from "./fake-clock.ts";
import { FakeTask, passing } from "./fake-tasks.ts";

const rules = {
  ...defaultPoolRules,
  restMs: 100,
  longestRestMs: 1000,
  failuresToOpen: 3,
  mostAttempts: 5,
  patienceMs: 10_000,
};
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

const poolOf = (...engines: readonly PoolEngine[]): Pool => new Pool(engines, { clock, rules });
const added = (pool: Pool, id: string, ...engines: readonly string[]): FakeTask => {
  const task = new FakeTask(id, engines);
  pool.add(task);
  return task;
};
const stateOf = (pool: Pool, id: string) => pool.engines.find((engine) => engine.id === id)?.state;

describe("an engine", () => {
  it("gets its task again also where its rest ends while the pool looks at it", async () => {
    for (let early = 0; early < 40; early++) {
      clock = new FakeClock();
      const pool = poolOf({ id: "a", limit: 1 });
      const task = added(pool, "1", "a");
      Object.assign(clock, { creep: 1, early });
      await task.fail(passing());
      clock.early = 0;
      for (let looks = 0; task.on === undefined && looks < 100; looks++)
        expect(await clock.toNextAlarm(), `${early} ms too early`).toBe(true);
      expect(task.on, `${early} ms too early`).toBe("a");
    }
  });

  it("takes the first waiting task that it may do, up to its limit", async () => {
    const pool = poolOf({ id: "a", limit: 2 }, { id: "b", limit: 1 });
    const tasks = [
      added(pool, "1", "a"),
      added(pool, "2", "a"),
      added(pool, "3", "a"),
      added(pool, "4", "b"),
      added(pool, "5", "b", "a"),
    ];
    expect(tasks.map(({ on }) => on)).toEqual(["a", "a", undefined, "b", undefined]);
    expect(pool.waiting).toBe(2);
    expect(pool.next("b")?.id).toBe("5");
    await tasks[1]?.finish();
    expect(tasks.map(({ on }) => on)).toEqual(["a", undefined, "a", "b", undefined]);
    await tasks[3]?.finish();
    expect(tasks[4]?.on).toBe("b");
    for (const index of [0, 2, 4]) await tasks[index]?.finish();
    expect(pool.idle).toBe(true);
  });

  it("that is the least busy has a task that several may do; of equals the first named", () => {
    const pool = poolOf({ id: "a", limit: 4 }, { id: "b", limit: 2 });
    const on = ["1", "2", "3", "4", "5", "6"].map((id) => added(pool, id, "a", "b").on);
    expect(on).toEqual(["a", "b", "a", "a", "b", "a"]);
  });

  it("may get room while it works: the limit is read anew", async () => {
    let limit = 1;
    const pool = poolOf({
      id: "a",
      get limit() {
        return limit;
      },
    });
    const tasks = ["1", "2", "3"].map((id) => added(pool, id, "a"));
    limit = 2;
    await tasks[0]?.finish();
    expect(tasks.map(({ on }) => on)).toEqual([undefined, "a", "a"]);
  });

  it("that was taken out gets nothing more, and ends what it has; back again it counts that", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    const first = added(pool, "1", "a");
    pool.setEngines([{ id: "b", limit: 1 }]);
    expect(added(pool, "2", "a").log).toEqual(["given up ENDPOINT_NOT_FOUND"]);
    pool.setEngines([{ id: "a", limit: 1 }]);
    const third = added(pool, "3", "a");
    expect(third.on).toBeUndefined();
    await first.finish();
    expect(third.on).toBe("a");
  });
});

describe("a task whose engine fails", () => {
  it("goes to another engine at once, and keeps its place before later ones", async () => {
    const pool = poolOf({ id: "a", limit: 1 }, { id: "b", limit: 1 });
    const [first, second, third] = ["1", "2", "3"].map((id) => added(pool, id, "a", "b"));
    await first?.fail();
    expect(first?.on).toBeUndefined();
    await second?.finish();
    expect(first?.on).toBe("b");
    expect(third?.on).toBeUndefined();
    await first?.finish();
    expect(first?.log).toEqual(["run a", "run b", "done"]);
  });

  it("waits for an engine that is busy rather than go back to the one that failed it", async () => {
    const pool = poolOf({ id: "a", limit: 1 }, { id: "b", limit: 1 });
    const [first, second] = [added(pool, "1", "a", "b"), added(pool, "2", "b")];
    await first.fail();
    await clock.pass(5000);
    expect(first.on).toBeUndefined();
    await second.finish();
    expect(first.on).toBe("b");
  });

  it("goes back to it after its rest if it is the only one", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    const task = added(pool, "1", "a");
    await task.fail();
    await clock.pass(49);
    expect(task.on).toBeUndefined();
    await clock.pass(1);
    expect(task.on).toBe("a");
  });

  it("is given up after so many attempts with the last error", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    const task = added(pool, "1", "a");
    for (let attempt = 1; attempt <= rules.mostAttempts; attempt++) {
      await clock.pass(2000);
      expect(task.on).toBe("a");
      await task.fail();
    }
    expect(task.log.slice(-2)).toEqual(["run a", "given up ENDPOINT_BUSY"]);
    expect(pool.idle).toBe(true);
  });

  it("is given up at once for an error of its own, which says nothing of the engine", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    for (const id of ["1", "2", "3", "4"]) {
      const task = added(pool, id, "a");
      await task.fail(new HoloscopeError("IMAGE_UNREADABLE", "It is broken."));
      expect(task.log).toEqual(["run a", "given up IMAGE_UNREADABLE"]);
    }
    expect(stateOf(pool, "a")).toBe("closed");
  });
});

describe("the rest after a failure", () => {
  it("doubles with each failure in a row up to its bound, and is drawn from next to nothing to all of it", async () => {
    const pool = new Pool([{ id: "a", limit: 1 }], {
      clock,
      rules: { ...rules, failuresToOpen: 99, mostAttempts: 99 },
    });
    const task = added(pool, "1", "a");
    const rests: number[] = [];
    clock.chance = 0.999_999;
    for (let failure = 0; failure < 6; failure++) {
      const before = clock.now();
      await task.fail();
      await clock.toNextAlarm();
      rests.push(Math.round(clock.now() - before));
    }
    expect(rests).toEqual([100, 200, 400, 800, 1000, 1000]);
    clock.chance = 0;
    await task.fail();
    await clock.pass(10);
    expect(task.on).toBe("a");
  });

  it("is as long as the server asks for, whatever succeeds beside it", async () => {
    const pool = poolOf({ id: "a", limit: 2 });
    const [first, second] = [added(pool, "1", "a"), added(pool, "2", "a")];
    await first.fail(passing({ afterMs: 7000 }));
    await second.finish();
    await clock.pass(6999);
    expect(first.on).toBeUndefined();
    await clock.pass(1);
    expect(first.on).toBe("a");
  });
});

describe("the breaker", () => {
  /** Fails a lone task until the breaker of its engine opens. */
  const opened = async (pool: Pool): Promise<FakeTask> => {
    const task = added(pool, "broken", "a");
    for (let failure = 0; failure < rules.failuresToOpen; failure++) {
      await clock.pass(1000);
      await task.fail();
    }
    expect(stateOf(pool, "a")).toBe("open");
    return task;
  };

  it("counts tasks that fail together once: they met one and the same outage", async () => {
    const pool = poolOf({ id: "a", limit: 4 }, { id: "b", limit: 4 });
    const tasks = ["1", "2", "3", "4"].map((id) => added(pool, id, "a"));
    await clock.pass(10);
    for (const task of tasks) await task.fail();
    expect(stateOf(pool, "a")).toBe("closed");
  });

  it("asks the engine's probe before it takes work again, then tries one task, then all", async () => {
    const probes: { resolve(): void; reject(error: unknown): void }[] = [];
    const probe = () => new Promise<void>((resolve, reject) => void probes.push({ resolve, reject }));
    const pool = poolOf({ id: "a", limit: 3, probe });
    const task = await opened(pool);
    const others = ["1", "2", "3"].map((id) => added(pool, id, "a"));
    await clock.pass(2000);
    expect(probes).toHaveLength(1);
    expect(task.on).toBeUndefined();
    probes[0]?.reject(passing());
    await settled();
    await clock.pass(2000);
    expect(probes).toHaveLength(2);
    probes[1]?.resolve();
    await clock.pass(0);
    expect(stateOf(pool, "a")).toBe("half-open");
    expect([task, ...others].map(({ on }) => on)).toEqual(["a", undefined, undefined, undefined]);
    await task.finish();
    expect(stateOf(pool, "a")).toBe("closed");
    expect(others.map(({ on }) => on)).toEqual(["a", "a", "a"]);
  });

  it("opens again when the task that it tries fails", async () => {
    const pool = poolOf({ id: "a", limit: 3 });
    const task = await opened(pool);
    await clock.pass(2000);
    expect(stateOf(pool, "a")).toBe("half-open");
    await task.fail();
    expect(stateOf(pool, "a")).toBe("open");
  });

  it("lets waiting tasks go to other engines meanwhile", async () => {
    const pool = poolOf({ id: "a", limit: 1, probe: () => Promise.reject(passing()) }, { id: "b", limit: 1 });
    await opened(pool);
    const task = added(pool, "1", "a", "b");
    expect(task.on).toBe("b");
  });

  it("ends the patience of tasks that no other engine may do", async () => {
    const pool = poolOf({ id: "a", limit: 1, probe: () => Promise.reject(passing()) }, { id: "b", limit: 1 });
    const task = await opened(pool);
    const late = added(pool, "late", "a");
    const elsewhere = [added(pool, "1", "a", "b"), added(pool, "2", "a", "b")];
    await clock.pass(rules.patienceMs - 1);
    expect(late.log).toEqual([]);
    await clock.pass(1);
    expect(task.log.at(-1)).toBe("given up ENDPOINT_BUSY");
    expect(late.log).toEqual(["given up ENDPOINT_BUSY"]);
    expect(elsewhere[1]?.log).toEqual([]);
  });
});

describe("cancelling", () => {
  it("drops a waiting task, also one that waits to be tried again", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    const [first, second] = [added(pool, "1", "a"), added(pool, "2", "a")];
    expect(pool.cancel("2")).toBe(true);
    await first.fail();
    expect(pool.cancel("1")).toBe(true);
    expect(pool.cancel("1")).toBe(false);
    await clock.pass(5000);
    expect([first.log, second.log]).toEqual([["run a", "dropped"], ["dropped"]]);
    expect(clock.pending).toBe(0);
  });

  it("ends a running task, which is not tried again and says nothing of its engine", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    for (const id of ["1", "2", "3", "4"]) {
      const task = added(pool, id, "a");
      task.signal?.addEventListener("abort", () => void task.fail());
      pool.cancel(id);
      await clock.pass(0);
      expect(task.log).toEqual(["run a", "given up CANCELLED"]);
    }
    expect(stateOf(pool, "a")).toBe("closed");
  });

  it("everything ends what runs and drops what waits before it resolves", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    const tasks = ["1", "2", "3"].map((id) => added(pool, id, "a"));
    await pool.clear();
    expect(tasks.map(({ log }) => log.at(-1))).toEqual(["given up CANCELLED", "dropped", "dropped"]);
    expect(pool.idle).toBe(true);
  });
});

describe("positions", () => {
  it("tell how many tasks must end first, whenever that changes", async () => {
    const pool = poolOf({ id: "a", limit: 1 }, { id: "b", limit: 1 });
    const tasks = [added(pool, "1", "a"), added(pool, "2", "b"), added(pool, "3", "a"), added(pool, "4", "a", "b")];
    const last = added(pool, "5", "b");
    expect([...tasks, last].map(({ positions }) => positions)).toEqual([[0], [0], [1], [2], [2]]);
    await tasks[1]?.finish();
    expect(last.positions).toEqual([2, 1]);
  });

  it("are told again to a task that is tried again", async () => {
    const pool = poolOf({ id: "a", limit: 1 });
    const task = added(pool, "1", "a");
    await task.fail();
    expect(task.positions).toEqual([0, 1]);
  });
});
