import http from "node:http";
import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Gathered } from "../../app/server/gathered.ts";
import { ByteBudget, type ByteLease, type LoadLimits } from "../../app/server/load.ts";
import { eventually, limits, until } from "../support/patience.ts";
import { sampleDetection } from "./sample-run.ts";
import { errorCode, rawRequest, type Served, serveFake } from "./served.ts";

const KiB = 1024;
const image = Buffer.from("not really a PNG").toString("base64");

let served: Served;
const sockets: net.Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await served.close();
});

const start = async (loadLimits: Partial<LoadLimits> = {}): Promise<void> => {
  served = await serveFake({ limits: loadLimits, heartbeatMs: 50 });
};

/** A connection that has sent this much and says nothing more. */
function silent(text: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(served.server.port, "127.0.0.1", () => socket.write(text, () => resolve(socket)));
    socket.once("error", reject);
    socket.on("error", () => {});
    sockets.push(socket);
  });
}

const head = (path: string, length?: number) =>
  `${length === undefined ? "GET" : "POST"} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${served.server.port}\r\n` +
  `${length === undefined ? "" : `Content-Length: ${length}\r\n`}\r\n`;

/** An event stream that is open and is never read. */
async function silentReader(): Promise<net.Socket> {
  const socket = await silent(head("/api/events"));
  await new Promise((resolve) => socket.once("readable", resolve));
  return socket;
}

const health = async () => (await rawRequest(served.server.port, { path: "/health" })).status;
const parse = () => rawRequest(served.server.port, { method: "POST", path: "/parse", body: JSON.stringify({ image }) });

function expectBusy(answer: Awaited<ReturnType<typeof rawRequest>>): void {
  expect(answer.status).toBe(503);
  expect(errorCode(answer.text)).toBe("BUSY");
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
}

describe("event streams", () => {
  it("HEAD opens none", async () => {
    await start();
    for (let count = 0; count < 20; count += 1) {
      const answer = await rawRequest(served.server.port, { method: "HEAD", path: "/api/events" });
      expect(answer.status).toBe(200);
      expect(answer.headers["content-type"]).toContain("text/event-stream");
    }
    expect(served.host.listenerCount).toBe(0);
  });

  it("are bounded in number, and a place that becomes free is given again", async () => {
    await start({ eventReaders: 2 });
    const readers = [await silentReader(), await silentReader()];
    expectBusy(await rawRequest(served.server.port, { path: "/api/events" }));
    readers[0]?.destroy();
    await eventually(async () => {
      const again = await silent(head("/api/events"));
      const answer = await new Promise<string>((resolve) => again.once("data", (data) => resolve(String(data))));
      if (!answer.includes("200 OK")) throw new Error(answer);
    });
  });

  it("share one limit of waiting bytes: the slowest go, the server holds no more than it says", async () => {
    await start({ eventBytes: 2 * 1024 * KiB });
    for (let count = 0; count < 4; count += 1) await silentReader();
    const detection = { ...sampleDetection(1), label: "x".repeat(256 * KiB) };
    for (let sent = 0; sent < 400 && served.host.listenerCount > 0; sent += 1) {
      served.host.emit("run.detection", { runId: "run-00000001", detection });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(served.host.listenerCount).toBe(0);
    expect(await health()).toBe(200);
  });
});

describe("bodies", () => {
  it("share one limit of bytes, counted as they arrive", async () => {
    await start({ bodyBytes: 64 * KiB, bodyWaitMs: 20 });
    // Announcing a lot costs the others nothing.
    for (let count = 0; count < 5; count += 1) await silent(head("/parse", 50 * 1024 * KiB));
    expect((await parse()).status).toBe(200);
    const half = await silent(`${head("/parse", 50 * 1024 * KiB)}${"x".repeat(60 * KiB)}`);
    await eventually(async () => {
      const body = JSON.stringify({ image: image.repeat(600) });
      expectBusy(await rawRequest(served.server.port, { method: "POST", path: "/parse", body }));
    });
    expect(await health()).toBe(200);
    half.destroy();
    await eventually(async () => expect((await parse()).status).toBe(200));
  });

  it("beyond it wait for one another, and all are taken", async () => {
    await start({ bodyBytes: 64 * KiB });
    const body = JSON.stringify({ image: "A".repeat(48 * KiB) });
    const send = () => rawRequest(served.server.port, { method: "POST", path: "/parse", body });
    const answers = await Promise.all(Array.from({ length: 24 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 24 }, () => 200));
  });

  it("of all together hold at most the limit and one of them", async () => {
    const budget = new ByteBudget({ bodyBytes: 100, bodyWaitMs: limits.wait });
    const leases = Array.from({ length: 10 }, () => budget.lease());
    let most = 0;
    let held = 0;
    const upload = async (lease: ByteLease): Promise<void> => {
      for (let part = 0; part < 9; part += 1) {
        await lease.grow(10);
        held += 10;
        most = Math.max(most, held);
        await new Promise((resolve) => setImmediate(resolve));
      }
      held -= 90;
      lease.end();
    };
    await Promise.all(leases.map(upload));
    expect(most).toBeLessThanOrEqual(190);
    expect(most).toBeGreaterThan(90);
    await budget.lease().grow(100);
  });

  it.each([0, 3_000_000, Number.NaN])("of %d announced bytes are joined in their order", (announced) => {
    const whole = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
    const gathered = new Gathered(announced);
    for (let at = 0; at < whole.length; at += 70_001) gathered.add(whole.subarray(at, at + 70_001));
    expect(gathered.take().equals(whole)).toBe(true);
    expect(gathered.take()).toHaveLength(0);
  });

  it("hold nothing while their detections wait", async () => {
    await start({ bodyBytes: 64 * KiB });
    served.host.nextRun = "hang";
    const body = JSON.stringify({ image: "A".repeat(40 * KiB) });
    const waiting = Array.from({ length: 6 }, () =>
      eventually(async () => {
        const asked = served.host.requests.length;
        const request = http.request({ port: served.server.port, method: "POST", path: "/parse", agent: false });
        request.on("error", () => {});
        request.end(body);
        await until(() => served.host.requests.length > asked);
        return request;
      }),
    );
    for (const request of await Promise.all(waiting)) request.destroy();
  });
});

describe("connections", () => {
  it("that say nothing make room for those that ask", async () => {
    await start({ connections: 4 });
    const halfOpen: net.Socket[] = [];
    for (let count = 0; count < 12; count += 1) halfOpen.push(await silent("POST /parse HTTP/1.1\r\nHost: 127."));
    expect(await health()).toBe(200);
    expect((await parse()).status).toBe(200);
    await until(() => halfOpen.filter(({ destroyed }) => destroyed).length >= 8);
  });

  it("beyond the limit are answered with 503, and /health always", async () => {
    await start({ connections: 3 });
    served.host.nextRun = "hang";
    const hanging = Array.from({ length: 3 }, () => parse().catch(() => undefined));
    await until(() => served.host.requests.length === 3);
    expectBusy(await parse());
    expect(await health()).toBe(200);
    expect(served.host.requests).toHaveLength(3);
    await served.server.close();
    await Promise.all(hanging);
  });

  it("whose answers nobody takes are bounded", async () => {
    await start({ answerBytes: 256 * KiB });
    served.host.overrides.set("settings.get", () => ({ text: "x".repeat(8 * 1024 * KiB) }));
    const call = `${head("/api/call/settings.get", 2)}{}`;
    await silent(call);
    await eventually(async () => {
      const answer = await rawRequest(served.server.port, { path: "/gpu-info" });
      expectBusy(answer);
    });
  });
});

describe("the end", () => {
  it("comes whatever hangs on the server", async () => {
    await start();
    served.host.nextRun = "hang";
    const hanging = parse().catch(() => undefined);
    await silentReader();
    await silent("GET /hea");
    await silent(`${head("/parse", 1000)}{"image":"`);
    await until(() => served.host.requests.length === 1);
    await served.server.close();
    await hanging;
    expect(served.host.listenerCount).toBe(0);
    await expect(fetch(served.url)).rejects.toThrow();
  });
});
