import { execFileSync } from "node:child_process";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { max, quantile } from "d3-array";
import sharp from "sharp";
import { serveHoloscope } from "../support/serve.ts";

/**
 * How /health fares while many clients hang on `holoscope serve`, whether memory returns afterwards, and what uploads of
 * 40 MB take; printed, nothing is asserted. Needs `npm run setup`; works where there is `ps` (not on Windows).
 *
 *   npx tsx test/bench/server-load.ts
 */
const counts = { requests: 500, halfOpen: 200, eventReaders: 100, uploads: 24, asked: 200 } as const;
const MB = 1e6;

const served = await serveHoloscope();
const port = Number(new URL(served.url).port);

/** Resident bytes of the server, and of it and its engine together. */
function resident(): { readonly server: number; readonly all: number } {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(" ").filter(Boolean).map(Number));
  const server = (rows.find(([pid]) => pid === served.pid)?.[2] ?? 0) * 1024;
  const engines = rows.filter(([, parent]) => parent === served.pid).map(([, , kib]) => (kib ?? 0) * 1024);
  return { server, all: engines.reduce((sum, bytes) => sum + bytes, server) };
}

function printMemory(when: string): void {
  const { server, all } = resident();
  console.log(`${when}: server ${(server / MB).toFixed(0)} MB, with its engine ${(all / MB).toFixed(0)} MB`);
}

/** ms until /health answered, on a connection of its own. */
function askHealth(): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.get(`${served.url}/health`, { agent: false }, (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - start);
        else reject(new Error(`/health answered ${response.statusCode}`));
      });
    });
    request.on("error", reject);
  });
}

async function printHealth(when: string): Promise<void> {
  const times: number[] = [];
  for (let count = 0; count < counts.asked; count += 1) times.push(await askHealth());
  const [median, high, most] = [quantile(times, 0.5), quantile(times, 0.95), max(times)].map((ms) => ms?.toFixed(1));
  console.log(`/health ${when}: median ${median} ms, p95 ${high} ms, at most ${most} ms of ${times.length}`);
}

type Outcome = number | "taken" | "refused";

function connect(text: string): net.Socket {
  const socket = net.connect(port, "127.0.0.1", () => socket.write(text));
  socket.on("error", () => {});
  socket.pause();
  return socket;
}

/**
 * Sends the parts of a body, which other requests may share, and leaves soon after: the uploads are measured, not the
 * detections that they ask for. Resolves with the status, "taken" if there was none yet, "refused" if the connection
 * ended before all was sent.
 */
function post(path: string, parts: readonly Buffer[], type: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = http.request(`${served.url}${path}`, {
      method: "POST",
      agent: false,
      headers: { "Content-Type": type, "Content-Length": parts.reduce((sum, { length }) => sum + length, 0) },
    });
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? "refused");
    });
    request.on("error", () => resolve("refused"));
    request.on("finish", () =>
      setTimeout(() => {
        resolve("taken");
        request.destroy();
      }, 10_000),
    );
    for (const part of parts) request.write(part);
    request.end();
  });
}

async function smallImage(index: number): Promise<Buffer> {
  const background = { r: index % 256, g: Math.floor(index / 256), b: 90 };
  return sharp({ create: { width: 320, height: 240, channels: 3, background } })
    .png()
    .toBuffer();
}

async function hanging(): Promise<void> {
  const before = `Host: 127.0.0.1:${port}\r\n`;
  const sockets: net.Socket[] = [];
  for (let index = 0; index < counts.requests; index += 1) {
    const body = JSON.stringify({ image: (await smallImage(index)).toString("base64") });
    sockets.push(connect(`POST /parse HTTP/1.1\r\n${before}Content-Length: ${body.length}\r\n\r\n${body}`));
  }
  for (let index = 0; index < counts.halfOpen; index += 1) sockets.push(connect("POST /parse HTTP/1.1\r\nHost: 127."));
  for (let index = 0; index < counts.eventReaders; index += 1) {
    sockets.push(connect(`GET /api/events HTTP/1.1\r\n${before}\r\n`));
  }
  await sleep(1000);
  const what = `${counts.requests} requests, ${counts.halfOpen} half-open connections and ${counts.eventReaders} silent readers`;
  await printHealth(`with ${what}`);
  printMemory("memory with them");
  for (const socket of sockets) socket.destroy();
  await sleep(5000);
  await printHealth("after they left");
  printMemory("memory after they left");
}

/** Noise that PNG cannot shrink: some 40 MB, in whole threes, so that base64 can be continued. */
async function bigImage(): Promise<Buffer> {
  const [width, height] = [3700, 3600];
  const noise = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let at = 0; at < noise.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    noise.writeUInt32LE(state, at);
  }
  const png = await sharp(noise, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  return Buffer.concat([png, Buffer.alloc((3 - (png.length % 3)) % 3)]);
}

/** Makes every upload another image: bytes behind a PNG's end are not looked at. */
const tail = (index: number): Buffer => Buffer.from(String(index));

async function uploads(what: string, send: (index: number) => Promise<Outcome>): Promise<void> {
  let most = 0;
  let mostServer = 0;
  const watch = setInterval(() => {
    const { all, server } = resident();
    most = Math.max(most, all);
    mostServer = Math.max(mostServer, server);
  }, 100);
  const statuses = await Promise.all(Array.from({ length: counts.uploads }, (_, index) => send(index)));
  clearInterval(watch);
  const of = new Map<Outcome, number>();
  for (const status of statuses) of.set(status, (of.get(status) ?? 0) + 1);
  const answers = [...of].map(([status, count]) => `${count} times ${status}`).join(", ");
  console.log(
    `${counts.uploads} ${what} at once: ${answers}; at most ${(mostServer / MB).toFixed(0)} MB in the server, ` +
      `${(most / MB).toFixed(0)} MB with its engine`,
  );
}

try {
  await printHealth("when idle");
  printMemory("memory when idle");
  await hanging();
  const big = await bigImage();
  const size = `${(big.length / MB).toFixed(0)} MB`;
  await uploads(`uploads of ${size} to /api/images`, (index) =>
    post("/api/images", [big, tail(index)], "application/octet-stream"),
  );
  const open = Buffer.from('--x\r\nContent-Disposition: form-data; name="file"; filename="big.png"\r\n\r\n');
  await uploads(`forms of ${size} to /parse/upload`, (index) =>
    post(
      "/parse/upload?performance_profile=speed&max_detections=1",
      [open, big, tail(100 + index), Buffer.from("\r\n--x--\r\n")],
      "multipart/form-data; boundary=x",
    ),
  );
  const inBase64 = Buffer.from(big.toString("base64"));
  await uploads(`images of ${size} in base64 to /parse`, (index) =>
    post(
      "/parse",
      [
        Buffer.from('{"performance_profile":"speed","max_detections":1,"image":"'),
        inBase64,
        Buffer.from(`${tail(200 + index).toString("base64")}"}`),
      ],
      "application/json",
    ),
  );
  await sleep(5000);
  printMemory("memory after them");
} finally {
  await served.stop();
}
