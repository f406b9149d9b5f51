import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openKeys } from "../../../app/host/endpoints/keys.ts";
import { type ModelServer, rightKey, startModelServer } from "../../mocks/model-server.ts";
import { type RealHost, startRealHost } from "../../support/real-host.ts";

const pieces = ['[{"bbox_2d": [', "100, 100, ", '200, 200], "label": "', 'Save"}', "]"];

describe("engines elsewhere", () => {
  let real: RealHost;
  let server: ModelServer;

  beforeAll(async () => {
    real = await startRealHost();
  });
  beforeEach(async () => {
    server = await startModelServer("vllm", pieces);
  });
  afterEach(async () => {
    await server.close();
    for (const { endpoint } of await real.host.call("endpoints.list", {}))
      await real.host.call("endpoints.remove", { id: endpoint.id });
  });
  afterAll(() => real.dispose());

  const add = (more: object = {}) =>
    real.host.call("endpoints.add", { name: "Box 1_a", url: server.url, preset: "qwen3-vl", ...more });
  const detect = async (id: string) =>
    real.run({ imageId: (await real.addSample("settings")).id, engines: [id], overrides: { minConfidence: 0 } });

  it("are recognised, named, listed, changed and forgotten", async () => {
    const { endpoint, hasKey } = await add();
    expect(endpoint).toMatchObject({ id: "box-1-a", name: "Box 1_a", kind: "vllm" });
    expect(hasKey).toBe(false);
    expect((await add()).endpoint.id).toBe("box-1-a-2");
    const changed = await real.host.call("endpoints.update", { id: "box-1-a", slots: 3, preset: null });
    expect(changed.endpoint).toEqual({ id: "box-1-a", name: "Box 1_a", url: server.url, kind: "vllm", slots: 3 });
    await real.host.call("settings.update", { engines: ["box-1-a"] });
    expect(await real.host.call("endpoints.remove", { id: "box-1-a" })).toEqual({ removed: true });
    expect((await real.host.call("settings.get", {})).engines).toEqual(["local"]);
    expect((await detect("box-1-a")).error?.code).toBe("ENDPOINT_NOT_FOUND");
  });

  it("detect, and their runs say by which engine", async () => {
    const { endpoint } = await add();
    const run = await detect(endpoint.id);
    expect(run).toMatchObject({
      status: "done",
      model: { name: "Hcompany/Holo2-8B", family: "qwen3-vl", files: [] },
      engine: {
        backend: "remote",
        endpoint: {
          id: "box-1-a",
          kind: "vllm",
          version: "0.14.0",
          host: new URL(server.url).host,
          constraint: "gbnf",
        },
      },
    });
    const [summary] = await real.host.call("runs.list", { limit: 1 });
    expect(summary).toMatchObject({ id: run.id, backend: "remote" });
  });

  it("may be given by the address that their documents name", async () => {
    const { endpoint } = await add({ url: `${server.url}/v1/` });
    expect((await detect(endpoint.id)).status).toBe("done");
  });

  it("have keys that only they get", async () => {
    server.fault = "wants-key";
    await expect(add()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    const { endpoint, hasKey } = await add({ key: rightKey });
    expect([hasKey, JSON.stringify(endpoint)]).toEqual([true, expect.not.stringContaining(rightKey)]);
    const run = await detect(endpoint.id);
    expect(run.status).toBe("done");
    server.fault = "echoes-key";
    const failed = await detect(endpoint.id);
    expect(failed.error?.code).toBe("ENDPOINT_FAILED");
    expect(JSON.stringify([run, failed])).not.toContain(rightKey);
    const logs = path.join(real.dataFolder, "logs");
    for (const name of await readdir(logs))
      expect(await readFile(path.join(logs, name), "utf8")).not.toContain(rightKey);
    if (process.platform !== "win32")
      expect((await stat(path.join(real.dataFolder, "endpoint-keys.json"))).mode & 0o777).toBe(0o600);
    await real.host.call("endpoints.update", { id: endpoint.id, key: null });
    server.fault = "wants-key";
    expect((await detect(endpoint.id)).error?.code).toBe("UNAUTHORIZED");
  });

  it("on another computer get nothing over plain http until the user agrees", async () => {
    // An address for documents, at which there is no computer.
    const url = "http://192.0.2.1:8000";
    await expect(add({ url })).rejects.toMatchObject({
      code: "ENDPOINT_UNENCRYPTED",
      message: "Screenshots will be sent unencrypted to 192.0.2.1.",
    });
    const { endpoint } = await add({ url, kind: "vllm", sendUnencrypted: true });
    await real.host.call("endpoints.update", { id: endpoint.id, sendUnencrypted: false });
    expect((await detect(endpoint.id)).error?.code).toBe("ENDPOINT_UNENCRYPTED");
    const { problem } = await real.host.call("endpoints.check", { id: endpoint.id });
    expect(problem?.code).toBe("ENDPOINT_UNENCRYPTED");
  });

  it("are asked anew what they are after a failure", async () => {
    const { endpoint } = await add();
    expect((await detect(endpoint.id)).status).toBe("done");
    server.fault = "loading";
    const busy = await detect(endpoint.id);
    expect(busy.error).toMatchObject({ code: "ENDPOINT_BUSY", retry: {} });
    server.fault = undefined;
    expect((await detect(endpoint.id)).status).toBe("done");
  });

  it("keep keys sealed where there is a cipher, which another door does not send", async () => {
    const log = { file: "", write() {}, tail: async () => [], close() {} };
    const cipher = { seal: (text: string) => `<${text}>`, open: (sealed: string) => sealed.slice(1, -1) };
    const config = { dataFolder: real.dataFolder, log, env: { HOLOSCOPE_KEY_CUDA_BOX: "from the environment" } };
    const sealing = await openKeys({ ...config, cipher });
    const plain = await openKeys(config);
    await sealing.set("desk", "a key");
    expect(await sealing.get("desk")).toBe("a key");
    expect(await plain.get("desk")).toBeUndefined();
    expect(await plain.get("cuda-box")).toBe("from the environment");
    await sealing.set("desk", undefined);
    expect(await sealing.get("desk")).toBeUndefined();
    sealing.close();
    plain.close();
  });

  it("that cannot be read are told, and the others stay", async () => {
    await add();
    const file = path.join(real.dataFolder, "endpoints.json");
    const stored: unknown = JSON.parse(await readFile(file, "utf8"));
    expect(stored).toMatchObject({ version: 1, endpoints: [{ id: "box-1-a" }] });
    await writeFile(
      file,
      JSON.stringify({ version: 1, endpoints: [{ id: "?" }, ...(stored as { endpoints: [] }).endpoints] }),
    );
    expect((await real.host.call("endpoints.list", {})).map(({ endpoint }) => endpoint.id)).toEqual(["box-1-a"]);
  });
});
