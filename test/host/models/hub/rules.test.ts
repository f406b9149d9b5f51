import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { atEndpoint, hubAccess, mayCarryToken } from "../../../../app/host/models/hub/hub-access.ts";
import { defaultHubTimings, HubClient } from "../../../../app/host/models/hub/hub-client.ts";
import { listRepository } from "../../../../app/host/models/hub/listing.ts";
import { proxyFor } from "../../../../app/host/models/hub/proxy.ts";
import { nextAddress } from "../../../../app/host/models/hub/redirects.ts";
import { isSafePath, parseReference } from "../../../../app/host/models/hub/reference.ts";
import { quantisationOf } from "../../../../app/host/models/quantisation.ts";
import { FakeHub } from "../../../support/fake-hub.ts";

const signal = new AbortController().signal;

describe("references", () => {
  it.each([
    ["hf:a/b", "a/b", undefined],
    ["a/b", "a/b", undefined],
    ["hf:a/b:Q4_K_M", "a/b", "Q4_K_M"],
    ["hf:a/b:sub/x.gguf", "a/b", "sub/x.gguf"],
    ["hf:a/b/sub/x.gguf", "a/b", "sub/x.gguf"],
    ["hf://a/b", "a/b", undefined],
    ["https://huggingface.co/a/b", "a/b", undefined],
    ["https://huggingface.co/a/b/blob/main/x.gguf", "a/b", "x.gguf"],
    [" hf:some-org/Holo1.5-7B-GGUF ", "some-org/Holo1.5-7B-GGUF", undefined],
  ])("%s", (text, repository, wanted) => {
    expect(parseReference(text)).toEqual({ repository, wanted });
  });

  it.each(["", "a", "hf:", "hf:a", "../../..", "a/..", "a b/c", "hf:a/b c", "a/\0"])("refuses %j", (text) => {
    expect(() => parseReference(text)).toThrow("no reference");
  });
});

describe("paths of a hub", () => {
  it.each(["x.gguf", "sub/Q4/x-00001-of-00002.gguf", "a b+c.gguf"])("takes %s", (path) => {
    expect(isSafePath(path)).toBe(true);
  });
  it.each([
    "../x.gguf",
    "/x.gguf",
    "a/../x.gguf",
    "a\\x.gguf",
    "C:x.gguf",
    ".x.gguf",
    "a//x.gguf",
    "x\n.gguf",
    "a./x.gguf",
  ])("refuses %j", (path) => {
    expect(isSafePath(path)).toBe(false);
  });
});

describe("quantisations by name", () => {
  it.each([
    ["Holo1.5-7B.Q4_K_M.gguf", "Q4_K_M"],
    ["Qwen2.5-VL-3B-Instruct-Q8_0.gguf", "Q8_0"],
    ["mmproj-Qwen3VL-4B-F16.gguf", "F16"],
    ["Qwen3-VL-8B-Instruct.BF16-mmproj.gguf", "BF16"],
    ["x.i1-IQ2_XXS.gguf", "IQ2_XXS"],
    ["UD-Q4_K_XL/x-UD-Q4_K_XL-00001-of-00002.gguf", "UD-Q4_K_XL"],
    ["Q6_K/model.gguf", "Q6_K"],
    ["model.gguf", undefined],
  ])("%s", (path, quantisation) => {
    expect(quantisationOf(path)).toBe(quantisation);
  });
});

describe("the endpoint and the token", () => {
  it("stay together", () => {
    const access = hubAccess({ HF_ENDPOINT: "https://mirror.example/hub/", HF_TOKEN: "t" });
    expect(atEndpoint(access, "/api/models/a/b").href).toBe("https://mirror.example/hub/api/models/a/b");
    expect(mayCarryToken(access, new URL("https://mirror.example/x"))).toBe(true);
    expect(mayCarryToken(access, new URL("https://mirror.example:444/x"))).toBe(false);
    expect(mayCarryToken(access, new URL("https://cdn.example/x"))).toBe(false);
    const open = hubAccess({ HF_ENDPOINT: "http://mirror.example", HF_TOKEN: "t" });
    expect(mayCarryToken(open, new URL("http://mirror.example/x"))).toBe(false);
    expect(hubAccess({}).endpoint.href).toBe("https://huggingface.co/");
    expect(hubAccess({ HF_TOKEN: "two\nlines" }).token).toBeUndefined();
  });
});

describe("redirects", () => {
  it("never lead from https to http, but for a hub on this machine", () => {
    const remote = hubAccess({});
    const from = new URL("https://huggingface.co/a/b");
    expect(nextAddress(remote, from, "/c/d").href).toBe("https://huggingface.co/c/d");
    expect(nextAddress(remote, from, "https://cdn.example/x").host).toBe("cdn.example");
    expect(() => nextAddress(remote, from, "http://cdn.example/x")).toThrow("encrypted");
    expect(() => nextAddress(remote, from, "http://127.0.0.1/x")).toThrow("encrypted");
    expect(() => nextAddress(remote, from, "file:///etc/passwd")).toThrow("an unusable address");
    const local = hubAccess({ HF_ENDPOINT: "https://localhost:8443" });
    expect(nextAddress(local, new URL("https://localhost:8443/x"), "http://127.0.0.1/x").protocol).toBe("http:");
  });
});

describe("proxies", () => {
  const https = new URL("https://hub.example/x");
  it.each([
    [{}, undefined],
    [{ HTTPS_PROXY: "http://proxy:3128" }, "http://proxy:3128/"],
    [{ https_proxy: "proxy:3128", HTTPS_PROXY: "http://other" }, "http://proxy:3128/"],
    [{ http_proxy: "http://proxy" }, undefined],
    [{ ALL_PROXY: "http://proxy" }, "http://proxy/"],
    [{ HTTPS_PROXY: "http://proxy", NO_PROXY: "localhost, .example" }, undefined],
    [{ HTTPS_PROXY: "http://proxy", NO_PROXY: "hub.example:443" }, undefined],
    [{ HTTPS_PROXY: "http://proxy", NO_PROXY: "hub.example:8443" }, "http://proxy/"],
    [{ HTTPS_PROXY: "http://proxy", NO_PROXY: "b.example" }, "http://proxy/"],
    [{ HTTPS_PROXY: "http://proxy", NO_PROXY: "*" }, undefined],
  ])("of %j", (env, expected) => {
    expect(proxyFor(https, env)?.href).toBe(expected);
  });

  it("of kinds that cannot be used are refused, without showing their password", () => {
    const use = () => proxyFor(https, { ALL_PROXY: "socks5://me:secret@proxy" });
    expect(use).toThrow("cannot be used");
    expect(use).not.toThrow("secret");
  });
});

describe("through a proxy", () => {
  const servers: { close(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A proxy that forwards plain requests to the hub and answers CONNECT as told. */
  async function startProxy(hub: FakeHub | undefined, connectStatus: number) {
    const seen: { method: string; target: string; authorization: string | undefined }[] = [];
    const proxy = createServer(async (request, response) => {
      const authorization = request.headers["proxy-authorization"];
      seen.push({ method: request.method ?? "", target: request.url ?? "", authorization });
      const inside = new URL(request.url ?? "");
      const answer = await fetch(`${hub?.endpoint}${inside.pathname}${inside.search}`);
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    });
    proxy.on("connect", (request, socket) => {
      const authorization = request.headers["proxy-authorization"];
      seen.push({ method: "CONNECT", target: request.url ?? "", authorization });
      socket.end(`HTTP/1.1 ${connectStatus} Told\r\n\r\n`);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    servers.push(proxy);
    return { seen, address: `127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  }
  const clientOf = (env: Record<string, string>) =>
    new HubClient({ env, timings: { ...defaultHubTimings, backOff: 1, tries: 2 } });
  const list = (client: HubClient) => listRepository(client, parseReference("a/b"), signal);

  it("reaches a plain hub by whole addresses, with the proxy's password", async () => {
    const hub = await FakeHub.start([{ path: "x-Q8_0.gguf", bytes: Buffer.from("abc") }]);
    servers.push(hub);
    const { seen, address } = await startProxy(hub, 200);
    const env = { HF_ENDPOINT: "http://hub.example", HTTP_PROXY: `http://me:p%40ss@${address}` };
    expect((await list(clientOf(env))).models.map(({ path }) => path)).toEqual(["x-Q8_0.gguf"]);
    expect(seen).toEqual([
      {
        method: "GET",
        target: "http://hub.example/api/models/a/b/tree/main?recursive=true",
        authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
      },
    ]);
  });

  it("asks for a tunnel to an encrypted hub, and says that the proxy refused", async () => {
    const { seen, address } = await startProxy(undefined, 407);
    const refused = list(clientOf({ HF_ENDPOINT: "https://hub.example", HTTPS_PROXY: address }));
    await expect(refused).rejects.toMatchObject({
      code: "HUB_FAILED",
      hint: expect.stringContaining("name and password"),
    });
    expect(seen).toEqual([{ method: "CONNECT", target: "hub.example:443", authorization: undefined }]);
  });
});

describe("listing a repository", () => {
  const file = (path: string, size = 10, sha256?: string) => ({
    path,
    bytes: Buffer.alloc(size),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  let hub: FakeHub;
  afterEach(() => hub.close());
  const list = async (files: Parameters<typeof FakeHub.start>[0], wanted?: string, pageSize = 1000) => {
    hub = await FakeHub.start(files);
    hub.pageSize = pageSize;
    const client = new HubClient({ env: { HF_ENDPOINT: hub.endpoint }, timings: defaultHubTimings });
    return listRepository(client, { repository: "a/b", wanted }, signal);
  };

  it("sorts models and mmprojs, joins splits, passes over what is no model or could leave the folder", async () => {
    const listing = await list(
      [
        file("README.md"),
        file("m-Q8_0.gguf", 80),
        file("m-Q4_K_M.gguf", 40),
        file("f16/m-F16-00002-of-00002.gguf", 70),
        file("f16/m-F16-00001-of-00002.gguf", 90),
        file("m-Q2_K-00001-of-00003.gguf", 5),
        file("mmproj-m-BF16.gguf"),
        file("mmproj-m-Q8_0.gguf"),
        file("mmproj-m-F16.gguf"),
        file("../escape.gguf"),
        file("empty.gguf", 0),
      ],
      undefined,
      3,
    );
    expect(
      listing.models.map(({ path, bytes, quantisation, parts }) => [path, bytes, quantisation, parts.length]),
    ).toEqual([
      ["m-Q4_K_M.gguf", 40, "Q4_K_M", 1],
      ["m-Q8_0.gguf", 80, "Q8_0", 1],
      ["f16/m-F16-00001-of-00002.gguf", 160, "F16", 2],
    ]);
    expect(listing.mmprojs.map(({ quantisation }) => quantisation).sort()).toEqual(["BF16", "F16", "Q8_0"]);
    expect(listing.suggestedModel).toBeUndefined();
    expect(listing.endpoint).toBe(hub.endpoint);
  });

  it("finds what a reference names", async () => {
    const files = [file("m-Q8_0.gguf"), file("x/m-Q4_K_M.gguf"), file("mmproj.gguf")];
    expect((await list(files, "q4_k_m")).suggestedModel).toBe("x/m-Q4_K_M.gguf");
    await hub.close();
    expect((await list(files, "m-Q8_0.gguf")).suggestedModel).toBe("m-Q8_0.gguf");
    await hub.close();
    await expect(list(files, "Q5_K_M")).rejects.toMatchObject({
      code: "HUB_NOT_FOUND",
      hint: "Name one of: Q8_0, Q4_K_M.",
    });
    await hub.close();
    await expect(list(files, "mmproj.gguf")).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("mmproj.gguf is an mmproj"),
      hint: expect.stringContaining("m-Q8_0.gguf"),
    });
    await hub.close();
    const parts = [1, 2].map((number) => file(`p-0000${number}-of-00002.gguf`));
    expect((await list([...files, ...parts], "p-00002-of-00002.gguf")).suggestedModel).toBe("p-00001-of-00002.gguf");
    await hub.close();
    await expect(list([file("mmproj.gguf")])).rejects.toThrow("no GGUF model");
  });
});
