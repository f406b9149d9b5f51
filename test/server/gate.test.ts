import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoloscopeError } from "../../app/contract/index.ts";
import { isLoopbackBind, isLoopbackHost } from "../../app/server/address.ts";
import { startServer } from "../../app/server/server.ts";
import { FakeHost } from "./fake-host.ts";
import { errorCode, rawRequest, type Served, serveFake } from "./served.ts";

const token = "a-long-secret";

describe("who may use the server", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveFake();
  });
  afterAll(() => served.close());

  it.each(["localhost", "127.0.0.1", "[::1]", "LocalHost"])("answers to its own name %s", async (name) => {
    const { port } = served.server;
    const answer = await rawRequest(port, { path: "/health", headers: { Host: `${name}:${port}` } });
    expect(answer.status).toBe(200);
  });

  it.each([
    "evil.example",
    "evil.example:PORT",
    "localhost",
    "localhost:1",
    "localhost.evil.example:PORT",
    "127.0.0.1.evil.example:PORT",
    "192.168.1.2:PORT",
    "localhost:PORT@evil.example",
  ])("refuses the foreign Host %s", async (name) => {
    const { port } = served.server;
    const headers = { Host: name.replace("PORT", String(port)) };
    const answer = await rawRequest(port, { path: "/health", headers });
    expect([400, 403]).toContain(answer.status);
    expect(["BAD_REQUEST", "FORBIDDEN"]).toContain(errorCode(answer.text));
  });

  it.each(["https://evil.example", "http://localhost:3000", "null", "http://evil.example:PORT", "file://"])(
    "refuses the foreign Origin %s",
    async (origin) => {
      const { port } = served.server;
      const answer = await rawRequest(port, {
        method: "POST",
        path: "/parse",
        headers: { Origin: origin.replace("PORT", String(port)), "Content-Type": "text/plain" },
        body: '{"image":"aGk="}',
      });
      expect(answer.status).toBe(403);
      expect(errorCode(answer.text)).toBe("FORBIDDEN");
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  it("answers its own page's Origin", async () => {
    const { port } = served.server;
    const headers = { Host: `localhost:${port}`, Origin: `http://localhost:${port}`, "Sec-Fetch-Site": "same-origin" };
    expect((await rawRequest(port, { path: "/health", headers })).status).toBe(200);
  });

  it.each(["cross-site", "same-site"])("refuses requests of a %s page, but lets a link open the page", async (site) => {
    const { port } = served.server;
    const embedded = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" };
    expect((await rawRequest(port, { path: "/health", headers: embedded })).status).toBe(403);
    expect((await rawRequest(port, { path: "/", headers: embedded })).status).toBe(403);
    const link = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    expect((await rawRequest(port, { path: "/", headers: link })).status).not.toBe(403);
    expect((await rawRequest(port, { path: "/api/events", headers: link })).status).toBe(403);
  });

  it("answers a preflight without any permission", async () => {
    const answer = await rawRequest(served.server.port, {
      method: "OPTIONS",
      path: "/parse",
      headers: { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" },
    });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("sends its security headers with every answer", async () => {
    for (const path of ["/health", "/nothing", "/api/nothing"]) {
      const { headers } = await rawRequest(served.server.port, { path });
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    }
  });
});

describe("the token", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveFake({ token });
  });
  afterAll(() => served.close());

  it.each([undefined, "Bearer wrong-secret", "Basic YTpi", `Bearer ${token}x`, "Bearer", token])(
    "refuses the authorization %s",
    async (authorization) => {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const answer = await rawRequest(served.server.port, { path: "/health", headers });
      expect(answer.status).toBe(401);
      expect(errorCode(answer.text)).toBe("UNAUTHORIZED");
      expect(answer.headers["www-authenticate"]).toContain("Bearer");
    },
  );

  it("accepts the bearer token", async () => {
    const headers = { Authorization: `Bearer ${token}` };
    expect((await rawRequest(served.server.port, { path: "/health", headers })).status).toBe(200);
  });

  it("exchanges /?token= for a cookie that is not the token, on the start page only", async () => {
    const { port } = served.server;
    expect((await rawRequest(port, { path: "/?token=wrong-secret" })).status).toBe(401);
    expect((await rawRequest(port, { path: `/health?token=${token}` })).status).toBe(401);
    const answer = await rawRequest(port, { path: `/?token=${token}` });
    expect(answer.status).toBe(200);
    const cookie = answer.headers["set-cookie"]?.[0] ?? "";
    expect(cookie).toContain("HttpOnly");
    expect(cookie).toContain("SameSite=Strict");
    expect(cookie).not.toContain(token);
    const session = cookie.split(";")[0] ?? "";
    expect((await rawRequest(port, { path: "/health", headers: { Cookie: session } })).status).toBe(200);
    expect((await rawRequest(port, { path: "/health", headers: { Cookie: `${session}x` } })).status).toBe(401);
  });

  it("is still checked together with Host and Origin", async () => {
    const headers = { Authorization: `Bearer ${token}`, Host: "evil.example" };
    expect((await rawRequest(served.server.port, { path: "/health", headers })).status).toBe(403);
  });
});

describe("addresses other than loopback", () => {
  it.each(["0.0.0.0", "::", "192.168.1.5"])("does not start on %s without a token", async (bind) => {
    const start = startServer({ host: new FakeHost(), port: 0, bind });
    await expect(start).rejects.toThrow(HoloscopeError);
    await expect(start).rejects.toMatchObject({ code: "BAD_REQUEST", hint: expect.stringContaining("--token") });
  });

  it("takes any Host there, but no request without the token and no foreign Origin", async () => {
    const served = await serveFake({ bind: "0.0.0.0", token });
    try {
      const { port } = served.server;
      const host = { Host: `my-server.lan:${port}` };
      expect((await rawRequest(port, { path: "/health", headers: host })).status).toBe(401);
      const withToken = { ...host, Authorization: `Bearer ${token}` };
      expect((await rawRequest(port, { path: "/health", headers: withToken })).status).toBe(200);
      const foreign = { ...withToken, Origin: "http://evil.example" };
      expect((await rawRequest(port, { path: "/health", headers: foreign })).status).toBe(403);
    } finally {
      await served.close();
    }
  });

  it.each(["short", "with space inside", "ümlaut-secret"])("refuses the token %j", async (bad) => {
    await expect(startServer({ host: new FakeHost(), port: 0, token: bad })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });

  it("knows loopback addresses", () => {
    expect(["127.0.0.1", "127.8.8.8", "::1", "localhost"].map(isLoopbackBind)).toEqual([true, true, true, true]);
    expect(["0.0.0.0", "::", "10.0.0.1", "127.evil.example", ""].map(isLoopbackBind)).not.toContain(true);
    expect(isLoopbackHost("localhost", "127.0.0.1", 80)).toBe(true);
    expect(isLoopbackHost(undefined, "127.0.0.1", 80)).toBe(false);
  });
});

describe("starting", () => {
  it("says what to do when the port is taken", async () => {
    const served = await serveFake();
    try {
      const second = startServer({ host: new FakeHost(), port: served.server.port });
      await expect(second).rejects.toMatchObject({
        code: "BAD_REQUEST",
        message: expect.stringContaining(String(served.server.port)),
        hint: expect.stringContaining("--port"),
      });
    } finally {
      await served.close();
    }
  });
});
