import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { scrubbedEnvironment } from "../../app/host/engine/spawn-node.ts";
import { builtVariants } from "../../native/index.ts";
import { limits } from "../support/patience.ts";
import { repositoryRoot } from "../support/repository.ts";
import { usual } from "../support/usual-native.ts";
import { contextOptions, describeNative, library, loadOptions, noise, PROMPT } from "./support.ts";

const native = pathToFileURL(path.join(repositoryRoot, "native", "index.ts")).href;

/** Runs an ES module in a process of its own, with the environment of an engine. */
function runScript(script: string) {
  const args = ["--import", "tsx", "--input-type=module", "--eval", script];
  const env = scrubbedEnvironment(process.env);
  return spawnSync(process.execPath, args, { cwd: repositoryRoot, encoding: "utf8", timeout: limits.test, env });
}

/** The part of a script that loads and configures a `session` and declares `usual`. */
function sessionScript() {
  return `
    const usual = ${JSON.stringify(usual)};
    const { openNative } = await import(${JSON.stringify(native)});
    const session = await openNative("cpu").load(${JSON.stringify(loadOptions())});
    await session.configure(${JSON.stringify(contextOptions())});`;
}

describeNative("freeing", () => {
  it("waits for a running call, is idempotent, and refuses later calls", async () => {
    const session = await library().load(loadOptions());
    await session.configure(contextOptions());
    await session.prepare(noise(640, 640));
    const order: string[] = [];
    const running = session.encode(usual.encode).then(() => order.push("encode"));
    const freed = session.free().then(() => order.push("free"));
    await Promise.all([running, freed, session.free()]);
    expect(order).toEqual(["encode", "free"]);
    await expect(session.encode(usual.encode)).rejects.toMatchObject({ code: "FREED" });
    expect(session.memory().languageModel).toEqual([]);
  });

  it("can be hastened by cancelling", async () => {
    const session = await library().load(loadOptions());
    await session.configure(contextOptions());
    await session.prepare(noise(1280, 736));
    const running = session.encode(usual.encode);
    session.cancel();
    const freed = session.free();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await freed;
  });

  // In a process with the allocator's settings of an engine: glibc's defaults alone move the figure by 80 MB.
  it("gives the memory back, load after load", () => {
    const { status, stdout, stderr } = runScript(`
      const rgb = new Uint8Array(320 * 320 * 3);
      for (let round = 0; round < 12; round++) {
        ${sessionScript()}
        await session.prepare({ ...usual.prompt, rgb, width: 320, height: 320, prompt: ${JSON.stringify(PROMPT)}, reserveTokens: 64 });
        await session.encode(usual.encode);
        await session.prefill();
        await session.generate({ ...usual.generate, maxTokens: 4, grammar: "", onTokens: () => {} });
        await session.free();
        process.stdout.write(process.memoryUsage.rss() + " ");
      }`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const rounds = stdout.trim().split(" ").map(Number);
    expect(rounds).toHaveLength(12);
    // The first rounds fill caches of the runtime. One pair's weights take 20 MB, its buffers another 40.
    expect((rounds.at(-1) ?? Number.NaN) - (rounds[2] ?? Number.NaN)).toBeLessThan(15e6);
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
      ${sessionScript()}
      const rgb = new Uint8Array(1280 * 736 * 3);
      await session.prepare({ ...usual.prompt, rgb, width: 1280, height: 736, prompt: "<__media__>", reserveTokens: 1 });
      ${body}`;
    const result = runScript(script);
    return { status: result.status, signal: result.signal, stderr: result.stderr };
  }

  it.each([
    ["with the session freed", "await session.free();", 0],
    ["with the session left alone", "await session.encode(usual.encode);", 0],
    [
      "by process.exit() during a call",
      `void session.encode(usual.encode);
      const before = process.cpuUsage();
      setInterval(() => process.cpuUsage(before).user > 50_000 && process.exit(3), 1);`,
      3,
    ],
  ])("is clean %s", (_name, body, status) => {
    expect(run(body)).toEqual({ status, signal: null, stderr: "" });
  });

  it("is an ordinary failure by an exception during a call", () => {
    const { status, signal, stderr } = run("void session.encode(usual.encode); throw new Error('on purpose');");
    expect({ status, signal }).toEqual({ status: 1, signal: null });
    expect(stderr).toContain("on purpose");
  });
});
