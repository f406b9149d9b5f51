import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoloscopeError } from "../../../app/contract/index.ts";
import type { PoolEngine } from "../../../app/host/pool/places.ts";
import { defaultPoolRules, Pool } from "../../../app/host/pool/pool.ts";
import { FakeClock, settled } from "./fake-clock.ts";
import { FakeTask, passing } from "./fake-tasks.ts";

const engineIds = ["a", "b", "c"] as const;

/** What happens next: an event of an attempt, of a task, of an engine, or time. */
const stepArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("finish" as const), pick: fc.nat(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("engine-fails" as const), pick: fc.nat(20), afterMs: fc.nat(3000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("task-fails" as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill" as const), pick: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(5000) }) },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

const caseArbitrary = fc.record({
  limits: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  tasks: fc.array(fc.shuffledSubarray([...engineIds], { minLength: 1 }), { minLength: 1, maxLength: 20 }),
  steps: fc.array(stepArbitrary, { maxLength: 60 }),
  chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

const ends = (log: readonly string[]): number => log.filter((line) => !line.startsWith("run ")).length;

describe("whatever happens", () => {
  it("each task ends once, no engine has more than its limit, and nothing is forgotten", async () => {
    await fc.assert(
      fc.asyncProperty(caseArbitrary, async ({ limits, tasks: allowed, steps, chance }) => {
        const clock = new FakeClock();
        clock.chance = chance;
        const dead = new Set<string>();
        const engines = engineIds.map(
          (id, index): PoolEngine => ({
            id,
            limit: limits[index] ?? 1,
            probe: async () => {
              if (dead.has(id)) throw passing();
            },
          }),
        );
        const pool = new Pool(engines, { clock, rules: { ...defaultPoolRules, patienceMs: 60_000 } });
        const tasks = allowed.map((ids, index) => new FakeTask(String(index), ids));
        for (const task of tasks) pool.add(task);
        const running = () => tasks.filter(({ on }) => on !== undefined);
        const check = () => {
          for (const { id, limit } of engines)
            expect(running().filter(({ on }) => on === id).length).toBeLessThanOrEqual(limit);
          for (const { log, on, engines: may } of tasks) {
            expect(ends(log)).toBeLessThanOrEqual(1);
            if (on !== undefined) expect(may).toContain(on);
          }
        };
        for (const step of steps) {
          await take(step, pool, tasks, running(), dead, clock);
          check();
        }
        // From here on all is well again, so everything that is left ends.
        dead.clear();
        for (let round = 0; tasks.some(({ log }) => ends(log) === 0); round++) {
          expect(round, "nothing goes on").toBeLessThan(500);
          for (const task of running()) await task.finish();
          if (running().length === 0) await clock.toNextAlarm();
          check();
        }
        await settled();
        expect(pool.idle).toBe(true);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

async function take(
  step: Step,
  pool: Pool,
  tasks: readonly FakeTask[],
  running: readonly FakeTask[],
  dead: Set<string>,
  clock: FakeClock,
): Promise<void> {
  if (step.kind === "time") return clock.pass(step.ms);
  if (step.kind === "cancel") {
    pool.cancel(String(step.pick % tasks.length));
    return settled();
  }
  if (step.kind === "kill") {
    const id = engineIds[step.pick] ?? "a";
    dead.add(id);
    for (const task of running.filter(({ on }) => on === id)) await task.fail();
    return;
  }
  const task = running[step.pick % Math.max(1, running.length)];
  if (step.kind === "finish") await task?.finish();
  else if (step.kind === "engine-fails") await task?.fail(passing({ afterMs: step.afterMs }));
  else await task?.fail(new HoloscopeError("IMAGE_UNREADABLE", "It is broken."));
}
