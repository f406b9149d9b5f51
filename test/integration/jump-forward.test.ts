import { afterAll, beforeAll, expect, it } from "vitest";
import { type RealHost, startRealHost } from "../support/real-host.ts";

/** The bundled detector with and without jumps, through the real host and engine process. */
let real: RealHost;

beforeAll(async () => {
  real = await startRealHost();
});
afterAll(() => real.dispose());

it.each(["settings", "shop"])(
  "finds the same in %s whether tokens are decoded together or one by one",
  async (name) => {
    const { id: imageId } = await real.addSample(name);
    const on = await real.run({ imageId, overrides: { jumpForward: "on" } });
    const off = await real.run({ imageId, overrides: { jumpForward: "off" } });
    expect(on.detections.length).toBeGreaterThan(9);
    expect(off.detections).toEqual(on.detections);
    expect(off.belowThreshold).toEqual(on.belowThreshold);
    expect(off.result?.rawOutput).toBe(on.result?.rawOutput);
    expect([on, off].map(({ result }) => result?.effective.jumpForward)).toEqual([true, false]);

    const [jumped, plain] = [on.result?.tokens, off.result?.tokens];
    expect(plain?.decoding).toEqual({ calls: plain?.generated, jumps: 0, proposed: 0, accepted: 0 });
    expect(jumped?.generated).toBe(plain?.generated);
    expect(jumped?.decoding?.calls).toBe((plain?.generated ?? 0) - (jumped?.decoding?.accepted ?? Number.NaN));
    // Its vocabulary has a token for each piece of the answer: what is not forced must not be tried in vain all the time.
    expect(jumped?.decoding?.proposed).toBeLessThan(0.1 * (jumped?.generated ?? 0));
  },
);

it("decodes one by one on a CPU unless told otherwise", async () => {
  const { id: imageId } = await real.addSample("settings");
  const run = await real.run({ imageId, overrides: { maxImageTokens: 300 } });
  expect(run.settings.jumpForward).toBe("auto");
  expect(run.engine?.backend === "cpu").toBe(run.result?.effective.jumpForward === false);
});

it("profiles a run as it was made", async () => {
  const { id: imageId } = await real.addSample("settings");
  const run = await real.run({ imageId, profileOps: true, overrides: { maxImageTokens: 300, jumpForward: "on" } });
  expect(run.opProfile?.sameAnswer).toBe(true);
  expect(run.opProfile?.tokens).toEqual(run.result?.tokens);
});
