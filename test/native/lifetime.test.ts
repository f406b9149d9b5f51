import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { builtVariants } from "../../native/index.ts";
import { repositoryRoot } from "../support/repository.ts";
import { answer, contextOptions, describeNative, library, loadOptions, noise } from "./support.ts";

const native = pathToFileURL(path.join(repositoryRoot, "native", "index.ts")).href;

/** Runs an ES module in a process of its own. */
function runScript(script: string) {
  const args = ["--import", "tsx", "--input-type=module", "--eval", script];
  return spawnSync(process.execPath, args, { cwd: repositoryRoot, encoding: "utf8", timeout: 40_000 });
}

describeNative("freeing", () => {
  it("waits for a running call, is idempotent, and refuses later calls", async () => {
    const session = await library().load(loadOptions());
    await session.configure(contextOptions());
    await session.prepare(noise(640, 640));
    const order: string[] = [];
    const running = session.encode().then(() => order.push("encode"));
    const freed = session.free().then(() => order.push("free"));
    await Promise.all([running, freed, session.free()]);
    expect(order).toEqual(["encode", "free"]);
    await expect(session.encode()).rejects.toMatchObject({ code: "FREED" });
    expect(session.memory().languageModel).toEqual([]);
  });

  it("can be hastened by cancelling", async () => {
    const session = await library().load(loadOptions());
    await session.configure(contextOptions());
    await session.prepare(noise(1280, 736));
    const running = session.encode();
    session.cancel();
    const freed = session.free();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await freed;
  });

  it("gives the memory back, load after load", async () => {
    const input = noise(320, 320);
    const rounds: number[] = [];
    for (let i = 0; i < 10; i++) {
      const session = await library().load(loadOptions());
      await session.configure(contextOptions());
      await answer(session, input, 4);
      await session.free();
      rounds.push(process.memoryUsage.rss());
    }
    // The first rounds fill caches of the runtime. Buffers of a pair take more than 60 MB, its weights 20 MB of that.
    expect((rounds.at(-1) ?? 0) - (rounds[2] ?? 0)).toBeLessThan(80e6);
  });
});

describeNative("the variants", () => {
  it.each(builtVariants())("opens %s, or says that there is no GPU", (variant) => {
    const script = `
      const { openNative } = await import(${JSON.stringify(native)});
      try {
        const { devices } = openNative(${JSON.stringify(variant)}).systemInfo();
        process.stdout.write(devices.some(({ type }) => type === "gpu" || type === "igpu") ? "GPU" : "CPU");
      } catch (error) {
        process.stdout.write(error.code + ": " + error.message);
      }`;
    const { status, stdout } = runScript(script);
    expect(status).toBe(0);
    expect(stdout).toMatch(variant === "cpu" ? /^CPU$/ : /^(GPU|NO_DEVICE: No GPU was found.*)$/);
  });
});

describeNative("the end of the process", () => {
  /** Runs a script that has loaded and configured a `session`; returns how its process ended. */
  function run(body: string) {
    const script = `
      const { openNative } = await import(${JSON.stringify(native)});
      const session = await openNative("cpu").load(${JSON.stringify(loadOptions())});
      await session.configure(${JSON.stringify(contextOptions())});
      const rgb = new Uint8Array(1280 * 736 * 3);
      await session.prepare({ rgb, width: 1280, height: 736, prompt: "<__media__>", reserveTokens: 1 });
      ${body}`;
    const result = runScript(script);
    return { status: result.status, signal: result.signal, stderr: result.stderr };
  }

  it.each([
    ["with the session freed", "await session.free();", 0],
    ["with the session left alone", "await session.encode();", 0],
    ["by process.exit() during a call", "void session.encode(); setTimeout(() => process.exit(3), 100);", 3],
  ])("is clean %s", (_name, body, status) => {
    expect(run(body)).toEqual({ status, signal: null, stderr: "" });
  });

  it("is an ordinary failure by an exception during a call", () => {
    const { status, signal, stderr } = run("void session.encode(); throw new Error('on purpose');");
    expect({ status, signal }).toEqual({ status: 1, signal: null });
    expect(stderr).toContain("on purpose");
  });
});
