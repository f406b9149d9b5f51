import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoloscopeError } from "../../app/contract/index.ts";
import { isLoopbackBind, isLoopbackHost } from "../../app/server/address.ts";
import { startServer } from "../../app/server/server.ts";
import { until } from "../support/patience.ts";
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

/** Notes how long wrong tokens would be held back, and does not wait. */
class NoPause {
  readonly pauses: number[] = [];
  readonly pause = async (ms: number): Promise<void> => {
    this.pauses.push(ms);
  };
}

describe("the token", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveFake({ token, pause: new NoPause().pause });
  });
  afterAll(() => served.close());

  it.each([undefined, "Bearer wrong-secret", "Basic YTpi", `Bearer ${token}x`, "Bearer", token])(
    "refuses the authorization %s",
    async (authorization) => {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const answer = await rawRequest(served.server.port, { path: "/gpu-info", headers });
      expect(answer.status).toBe(401);
      expect(errorCode(answer.text)).toBe("UNAUTHORIZED");
      expect(answer.headers["www-authenticate"]).toContain("Bearer");
    },
  );

  it("accepts the bearer token", async () => {
    const headers = { Authorization: `Bearer ${token}` };
    expect((await rawRequest(served.server.port, { path: "/gpu-info", headers })).status).toBe(200);
  });

  it("exchanges /?token= for a cookie that is not the token, on the start page only", async () => {
    const { port } = served.server;
    expect((await rawRequest(port, { path: "/?token=wrong-secret" })).status).toBe(401);
    expect((await rawRequest(port, { path: `/gpu-info?token=${token}` })).status).toBe(401);
    const answer = await rawRequest(port, { path: `/?token=${token}` });
    expect(answer.status).toBe(200);
    const cookie = answer.headers["set-cookie"]?.[0] ?? "";
    expect(cookie).toContain("HttpOnly");
    expect(cookie).toContain("SameSite=Strict");
    expect(cookie).not.toContain(token);
    const session = cookie.split(";")[0] ?? "";
    expect((await rawRequest(port, { path: "/gpu-info", headers: { Cookie: session } })).status).toBe(200);
    expect((await rawRequest(port, { path: "/gpu-info", headers: { Cookie: `${session}x` } })).status).toBe(401);
  });

  it("is still checked together with Host and Origin", async () => {
    const headers = { Authorization: `Bearer ${token}`, Host: "evil.example" };
    expect((await rawRequest(served.server.port, { path: "/health", headers })).status).toBe(403);
  });
});

describe("a request without the token", () => {
  it("learns from /health that the server lives, and nothing more", async () => {
    const served = await serveFake({ token, pause: new NoPause().pause });
    try {
      const { port } = served.server;
      for (const headers of [{}, { Cookie: "holoscope_session=of-an-earlier-start" }]) {
        const answer = await rawRequest(port, { path: "/health", headers });
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.text)).toEqual({ status: "healthy" });
      }
      expect((await rawRequest(port, { method: "HEAD", path: "/health" })).status).toBe(200);
      expect(served.host.calls).toEqual([]);
      const foreign = { Origin: "https://evil.example" };
      expect((await rawRequest(port, { path: "/health", headers: foreign })).status).toBe(403);
      const known = await rawRequest(port, { path: "/health", headers: { Authorization: `Bearer ${token}` } });
      expect(JSON.parse(known.text)).toMatchObject({ status: "healthy", model: "nano" });
    } finally {
      await served.close();
    }
  });
});

describe("wrong tokens", () => {
  const wrong = { Authorization: "Bearer wrong-secret" };

  it("are answered later each time and logged, but not the token itself", async () => {
    const slow = new NoPause();
    const served = await serveFake({ token, pause: slow.pause });
    try {
      const { port } = served.server;
      for (let tries = 0; tries < 10; tries += 1) {
        const path = tries % 2 === 0 ? "/health" : "/?token=wrong-secret";
        const headers = tries % 2 === 0 ? wrong : {};
        expect((await rawRequest(port, { path, headers })).status).toBe(401);
      }
      expect(slow.pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 6400, 6400, 6400]);
      expect(served.host.logged).toEqual(
        [1, 2, 4, 8].map((count) => `warn: Refused a wrong token from 127.0.0.1 (${count} so far)`),
      );
    } finally {
      await served.close();
    }
  });

  it("cannot be tried many at a time, and requests without a token are still answered", async () => {
    const held: (() => void)[] = [];
    const pause = () => new Promise<void>((resolve) => held.push(resolve));
    const served = await serveFake({ token, pause });
    try {
      const { port } = served.server;
      const first = Array.from({ length: 4 }, () => rawRequest(port, { path: "/gpu-info", headers: wrong }));
      await until(() => held.length === 4);
      const more = await rawRequest(port, { path: "/gpu-info", headers: wrong });
      expect(more.status).toBe(503);
      expect(errorCode(more.text)).toBe("BUSY");
      expect(Number(more.headers["retry-after"])).toBeGreaterThan(0);
      expect((await rawRequest(port, { path: "/health" })).status).toBe(200);
      for (const release of held) release();
      expect((await Promise.all(first)).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
      const good = { Authorization: `Bearer ${token}` };
      expect((await rawRequest(port, { path: "/gpu-info", headers: good })).status).toBe(200);
    } finally {
      await served.close();
    }
  });
});

describe("pages and names that were let in", () => {
  const page = "http://localhost:3000";
  const extension = "chrome-extension://abcdefghijklmnopabcdefghijklmnop";
  const proxied = "https://holo.example";
  let served: Served;
  beforeAll(async () => {
    served = await serveFake({
      allowOrigins: [page, extension, proxied, "https://OTHER.example/"],
      allowHosts: ["host.docker.internal", "holo.example:8443", "[fd00::1]"],
    });
  });
  afterAll(() => served.close());

  const post = (headers: Record<string, string>) =>
    rawRequest(served.server.port, { method: "POST", path: "/parse", headers, body: '{"image":"aGk="}' });

  it.each([page, extension, proxied, "https://other.example"])("a page of %s may ask and read", async (origin) => {
    const answer = await post({ Origin: origin, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" });
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe(origin);
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
    expect(answer.headers.vary).toContain("Origin");
  });

  it("errors can be read there, too", async () => {
    const answer = await rawRequest(served.server.port, { path: "/nothing", headers: { Origin: page } });
    expect(answer.status).toBe(404);
    expect(answer.headers["access-control-allow-origin"]).toBe(page);
  });

  it("its preflight names methods, headers and the private network, needs no token and runs nothing", async () => {
    const guarded = await serveFake({ token, allowOrigins: [page] });
    try {
      const answer = await rawRequest(guarded.server.port, {
        method: "OPTIONS",
        path: "/parse",
        headers: {
          Origin: page,
          "Access-Control-Request-Method": "POST",
          "Access-Control-Request-Headers": "authorization,content-type",
          "Access-Control-Request-Private-Network": "true",
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": page,
        "access-control-allow-methods": expect.stringContaining("POST"),
        "access-control-allow-headers": "Authorization, Content-Type",
        "access-control-allow-private-network": "true",
      });
      expect(guarded.host.calls).toEqual([]);
      const refused = await rawRequest(guarded.server.port, { path: "/gpu-info", headers: { Origin: page } });
      expect(refused.status).toBe(401);
      expect(refused.headers["access-control-allow-origin"]).toBe(page);
    } finally {
      await guarded.close();
    }
  });

  it.each([
    "http://localhost:3001",
    "https://localhost:3000",
    "http://localhost:3000.evil.example",
    "https://evil.example",
    "null",
    "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
  ])("a page of %s may not", async (origin) => {
    const answer = await post({ Origin: origin });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("an allowed page that hides its origin may not embed anything", async () => {
    const embedded = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" };
    expect((await rawRequest(served.server.port, { path: "/health", headers: embedded })).status).toBe(403);
  });

  it.each(["host.docker.internal:PORT", "host.docker.internal", "HOST.docker.internal:9989", "holo.example:8443"])(
    "answers to the Host %s",
    async (host) => {
      const headers = { Host: host.replace("PORT", String(served.server.port)) };
      expect((await rawRequest(served.server.port, { path: "/health", headers })).status).toBe(200);
    },
  );

  it.each(["holo.example", "holo.example:80", "docker.internal", "host.docker.internal.evil.example", "[fd00::2]:80"])(
    "does not answer to the Host %s",
    async (host) => {
      expect((await rawRequest(served.server.port, { path: "/health", headers: { Host: host } })).status).toBe(403);
    },
  );

  it("the window behind a TLS proxy works: its page is https, the proxy speaks http", async () => {
    const headers = { Host: "holo.example:8443", Origin: proxied, "Sec-Fetch-Site": "same-origin" };
    const called = await rawRequest(served.server.port, {
      method: "POST",
      path: "/api/call/settings.get",
      headers,
      body: "{}",
    });
    expect(called.status).toBe(200);
  });

  it.each([
    "*",
    "https://*.example",
    "null",
    "localhost:3000",
    "https://holo.example/app",
    "file://",
    "",
    "https://a b",
  ])("does not start with the origin %j", async (origin) => {
    const start = startServer({ host: new FakeHost(), port: 0, allowOrigins: [origin] });
    await expect(start).rejects.toMatchObject({ code: "BAD_REQUEST", hint: expect.stringContaining("no wildcard") });
  });

  it.each(["*", "*.internal", "http://a.example", "a.example/", "", "a b"])(
    "does not start with the host %j",
    async (host) => {
      const start = startServer({ host: new FakeHost(), port: 0, allowHosts: [host] });
      await expect(start).rejects.toMatchObject({ code: "BAD_REQUEST", hint: expect.stringContaining("no wildcard") });
    },
  );
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
      expect((await rawRequest(port, { path: "/gpu-info", headers: host })).status).toBe(401);
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
