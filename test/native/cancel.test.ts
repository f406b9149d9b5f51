import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { NativeSession } from "../../native/index.ts";
import { usual } from "../support/usual-native.ts";
import { answer, contextOptions, describeNative, generate, library, loadOptions, noise } from "./support.ts";

describeNative("cancelling", () => {
  let session: NativeSession;
  const large = noise(1280, 736);
  const small = noise(256, 256);

  beforeAll(async () => {
    session = await library().load(loadOptions());
    await session.configure(contextOptions());
  });

  afterAll(async () => {
    await session?.free();
  });

  it("ends an encode soon, and the session goes on as if nothing had happened", async () => {
    const medium = noise(800, 480);
    const before = await answer(session, small, 10);
    const whole: number[] = [];
    const rest: number[] = [];
    while (rest.length < 3) {
      await session.prepare(medium);
      const start = performance.now();
      await session.encode(usual.encode);
      const ms = performance.now() - start;
      whole.push(ms);

      await session.prepare(medium);
      const running = session.encode(usual.encode).then(
        () => undefined,
        (error: unknown) => error,
      );
      await sleep(ms * 0.2);
      const cancelled = performance.now();
      session.cancel();
      const error = await running;
      if (error === undefined) continue; // it was faster than the one before, and over by then
      expect(error).toMatchObject({ name: "NativeError", code: "CANCELLED" });
      rest.push(performance.now() - cancelled);
    }
    // It ends after the graph node that is running. Other work on the machine only adds: the least of each counts.
    expect(Math.min(...rest)).toBeLessThan(Math.min(...whole) / 4);

    await expect(session.prefill(), "nothing was encoded").rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    expect((await answer(session, small, 10)).text).toBe(before.text);
  });

  it("ends a generation, with the tokens so far delivered", async () => {
    await session.prepare(small);
    await session.encode(usual.encode);
    await session.prefill();
    let tokens = 0;
    const running = session.generate({
      ...usual.generate,
      maxTokens: 1500,
      // Digits for ever, so that only cancelling can end it.
      grammar: "root ::= [0-9]*",
      onTokens: (some) => {
        tokens += some.length;
        session.cancel();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThan(1500);
    await session.prefill();
    expect((await generate(session, 5)).tokens).toBeGreaterThan(0);
  });

  it("ends a prefill", async () => {
    await session.prepare(large);
    await session.encode(usual.encode);
    const running = session.prefill();
    session.cancel();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await session.prefill();
    expect((await generate(session, 5)).tokens).toBeGreaterThan(0);
  });

  it("has no effect on later calls", async () => {
    session.cancel();
    await expect(session.prepare(small)).resolves.toMatchObject({ imageTokens: 64 });
  });

  it("ends a load through its signal, before and while it runs", async () => {
    await expect(library().load(loadOptions({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      code: "CANCELLED",
    });
    const controller = new AbortController();
    const running = library().load(loadOptions({ signal: controller.signal }));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
