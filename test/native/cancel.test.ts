import { afterAll, beforeAll, expect, it } from "vitest";
import type { NativeSession } from "../../native/index.ts";
import { answer, contextOptions, describeNative, generate, library, loadOptions, noise } from "./support.ts";

/** A cancelled call ends after the graph node that is running; generous, since tests share the machine. */
const SOON_MS = 1500;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
    const before = await answer(session, small, 10);
    await session.prepare(large);
    const start = performance.now();
    await session.encode();
    const whole = performance.now() - start;

    await session.prepare(large);
    const running = session.encode();
    await sleep(whole * 0.2);
    const cancelled = performance.now();
    session.cancel();
    await expect(running).rejects.toMatchObject({ name: "NativeError", code: "CANCELLED" });
    expect(performance.now() - cancelled).toBeLessThan(SOON_MS);

    await expect(session.prefill(), "nothing was encoded").rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    expect((await answer(session, small, 10)).text).toBe(before.text);
  });

  it("ends a generation, with the tokens so far delivered", async () => {
    await session.prepare(small);
    await session.encode();
    await session.prefill();
    let tokens = 0;
    const running = session.generate({
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
    await session.encode();
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
