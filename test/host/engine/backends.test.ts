import { afterEach, describe, expect, it } from "vitest";
import { Backends, backendsOf } from "../../../app/host/engine/backends.ts";
import type { HostSurroundings } from "../../../app/host/parts.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";

/** What the fake engine says for each backend; "cuda" and "vulkan" exist on Linux and Windows only. */
const gpuPlatform = process.platform !== "darwin";

let fake: FakeHost;
afterEach(async () => {
  await fake.dispose();
  delete process.env.FAKE_ENGINE_INIT;
});

async function start(init: Record<string, string>, surroundings: HostSurroundings = {}): Promise<void> {
  process.env.FAKE_ENGINE_INIT = JSON.stringify(init);
  fake = await startFakeHost({
    findGpuTypes: async () => ["cuda", "vulkan"],
    hasGpuHardware: () => true,
    ...surroundings,
  });
}

describe.skipIf(!gpuPlatform)("auto (cuda and vulkan do not exist on this platform: skipped on macOS)", () => {
  it("takes the best that works", async () => {
    await start({ cuda: "gpu" });
    const run = await fake.run("fine");
    expect(run.engine).toMatchObject({
      backend: "cuda",
      backendReason: "CUDA is the best that works on this machine.",
    });
    expect(run.warnings).toEqual([]);
    expect(fake.engines).toHaveLength(1);
  });

  it("falls to the next when the addon is missing or the engine crashes, and remembers it", async () => {
    await start({ cuda: "native-missing", vulkan: "gpu" });
    const run = await fake.run("fine");
    expect(run.engine?.backend).toBe("vulkan");
    await fake.run("abort");
    expect((await fake.run("fine")).engine?.backend).toBe("vulkan");
    // cuda once, vulkan, and vulkan again after the crash.
    expect(fake.engines).toHaveLength(3);
  });

  it("on the CPU although there is a GPU gives a warning with the reasons in every run", async () => {
    await start({ cuda: "crash", vulkan: "no-device" });
    for (const run of [await fake.run("fine"), await fake.run("fine")]) {
      expect(run.engine?.backend).toBe("cpu");
      expect(run.engine?.backendReason).toContain("The CPU is used although there is a GPU");
      expect(run.warnings).toHaveLength(1);
      expect(run.warnings[0]).toMatchObject({ code: "BACKEND_FALLBACK" });
      expect(run.warnings[0]?.message).toMatch(/CUDA: .*GGML_ASSERT.*Vulkan: no GPU that it can use/);
    }
  });

  it("names an NVIDIA driver that is too old", async () => {
    await start({ cuda: "old-driver" });
    const run = await fake.run("fine");
    expect(run.engine?.backend).toBe("cpu");
    expect(run.warnings[0]?.message).toMatch(/CUDA: the NVIDIA driver is too old .*unsupported toolchain/);
  });

  it.each(["no-device", "refused-device"])("on the CPU of a machine without a GPU gives none (%s)", async (how) => {
    await start({ vulkan: how }, { findGpuTypes: async () => ["vulkan"], hasGpuHardware: () => false });
    const run = await fake.run("fine");
    expect(run.warnings).toEqual([]);
    expect(run.engine?.backendReason).toContain("No usable GPU was found");
  });

  it("warns when there is a GPU without any driver", async () => {
    await start({}, { findGpuTypes: async () => [] });
    const run = await fake.run("fine");
    expect(run.warnings[0]?.message).toContain("no GPU driver that llama.cpp can use is installed");
  });
});

describe.skipIf(!gpuPlatform)("a chosen backend (cuda does not exist on this platform: skipped on macOS)", () => {
  it.each([
    ["native-missing", /CUDA cannot be used: The native addon for cuda is not built\.$/],
    ["no-device", /CUDA cannot be used: no GPU that it can use was found\.$/],
    ["crash", /CUDA cannot be used: .*GGML_ASSERT/],
    ["old-driver", /CUDA cannot be used: the NVIDIA driver is too old/],
  ])("that fails (%s) is an error, never silently the CPU", async (how, message) => {
    await start({ cuda: how });
    await fake.host.call("settings.update", { backend: "cuda" });
    const run = await fake.run("fine");
    expect(run.status).toBe("failed");
    expect(run.error).toMatchObject({ code: "BACKEND_UNAVAILABLE", message: expect.stringMatching(message) });
    expect(run.error?.hint).toBeTruthy();
    await fake.host.call("settings.update", { backend: "cpu" });
    expect((await fake.run("fine")).engine).toMatchObject({ backend: "cpu", backendReason: "CPU was chosen." });
  });

  it("replaces the running engine, and only when it differs", async () => {
    await start({ cuda: "gpu" });
    const imageId = await fake.addImage();
    const run = async (backend: "auto" | "cpu" | "cuda") => (await fake.host.detect({ imageId, backend })).done;
    const used = [await run("auto"), await run("cuda"), await run("cpu"), await run("cpu"), await run("auto")];
    expect(used.map(({ engine }) => engine?.backend)).toEqual(["cuda", "cuda", "cpu", "cpu", "cuda"]);
    expect(fake.engines).toHaveLength(3);
    expect((await fake.host.call("engine.state", {})).restarts).toBe(0);
  });
});

it("a backend that cannot exist here is refused with its reason", async () => {
  await start({});
  const impossible = gpuPlatform ? "metal" : "cuda";
  const imageId = await fake.addImage();
  const { done } = await fake.host.detect({ imageId, backend: impossible });
  expect((await done).error).toMatchObject({ code: "BACKEND_UNAVAILABLE" });
});

it("a missing addon for the CPU stays NATIVE_MISSING", async () => {
  await start({ cpu: "native-missing" }, { findGpuTypes: async () => [] });
  await expect(fake.addImage()).rejects.toMatchObject({ code: "NATIVE_MISSING" });
});

it("the list explains every backend", async () => {
  await start(gpuPlatform ? { cuda: "gpu", vulkan: "native-missing" } : {});
  const list = await fake.host.call("backends.list", {});
  expect(list.map(({ backend }) => backend)).toEqual([...backendsOf(process.platform)]);
  for (const { reason } of list) expect(reason).toMatch(/^[A-Z].*\.$/);
  if (!gpuPlatform) return;
  expect(list[0]).toMatchObject({ available: true, reason: "Works with Fake GPU." });
  expect(list[1]).toMatchObject({ available: false, reason: "The native addon for vulkan is not built." });
  expect(list[2]).toMatchObject({ backend: "cpu", available: true });
});

it("node-llama-cpp's search gives only backends of this platform", async () => {
  fake = await startFakeHost();
  const plan = await new Backends({ log: () => {} }).plan("auto");
  expect(plan.at(-1)).toBe("cpu");
  for (const backend of plan) expect(backendsOf(process.platform)).toContain(backend);
});
