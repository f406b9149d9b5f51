import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { methodNames } from "../../app/contract/index.ts";
import { fuzzBytes, fuzzValues } from "../support/fuzz.ts";
import { imageFixture, makeRun, runFileOf } from "../support/run-fixtures.ts";
import { errorCode, type RawRequest, rawRequest, type Served, serveFake } from "./served.ts";

let served: Served;
beforeAll(async () => {
  served = await serveFake();
  // What the methods do is not asked here: their requests are parsed, and the answer is nothing.
  for (const name of methodNames) if (!known.has(name)) served.host.overrides.set(name, () => null);
});
afterAll(() => served.close());

/** Methods of the fake host whose answers the routes look into. */
const known = new Set<string>([
  ...["app.info", "backends.list", "engine.state", "models.list", "settings.get", "runs.cancel"],
  ...["images.add", "images.overlay", "images.setScale"],
]);

/** Sends one request and checks its answer: JSON, of a good request or of a wrong one, never of a fault of ours. */
async function answerOf(request: RawRequest): Promise<number> {
  const { status, text } = await rawRequest(served.server.port, { method: "POST", ...request });
  const place = `${request.path} answered ${status}: ${text.slice(0, 300)}`;
  expect([200, 503].includes(status) || (status >= 400 && status < 500), place).toBe(true);
  expect(() => JSON.parse(text), place).not.toThrow();
  if (status !== 200) expect(errorCode(text), place).toMatch(/^[A-Z_]+$/);
  return status;
}

const json = { "Content-Type": "application/json" };
const image = Buffer.from("not really a PNG").toString("base64");
const imageId = "c".repeat(64);
const runId = makeRun().id;
const parseRequest = {
  image: `data:image/png;base64,${image}`,
  task: "the save button",
  detect_multiple: true,
  include_som: "yes",
  max_detections: "1_0",
  min_confidence: 0.25,
  performance_profile: "speed",
  return_raw_outputs: false,
};
const routes: readonly { readonly path: string; readonly body: unknown }[] = [
  { path: "/parse", body: parseRequest },
  { path: "/parse", body: { image, task: null } },
  { path: "/api/parse", body: parseRequest },
  { path: "/navigate", body: { image, task: "open the menu", max_steps: 3 } },
  { path: "/detect_dialog", body: { image } },
  {
    path: "/api/call/runs.start",
    body: { imageId, mode: "locate", target: "x", profile: "quality", overrides: { maxDetections: 5 } },
  },
  { path: "/api/call/images.setScale", body: { id: imageId, scale: 2 } },
  {
    path: "/api/call/images.overlay",
    body: { image: imageFixture(), elements: [{ id: "e1", bbox: [1, 2, 30, 40], label: "x" }] },
  },
  { path: "/api/call/runs.import", body: { json: runFileOf(makeRun(), {}) } },
  { path: "/api/call/runs.annotate", body: { runId, name: "a", tags: ["b"], note: "c" } },
  { path: "/api/call/runs.deleteMany", body: { runIds: [runId] } },
  { path: "/api/call/settings.update", body: { profile: "speed", theme: "dark" } },
  { path: "/api/call/models.pull", body: { source: "owner/name", file: "a.gguf" } },
];
const bodies = routes.map(({ body }) => Buffer.from(JSON.stringify(body)));

const boundary = "----holoscope";
const multipart = { "Content-Type": `multipart/form-data; boundary=${boundary}` };
const part = (name: string, content: string, file?: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? "" : `; filename="${file}"`}\r\n` +
  `${file === undefined ? "" : "Content-Type: image/png\r\n"}\r\n${content}\r\n`;
const forms = [
  `${part("file", "not really a PNG", "screen.png")}${part("task", "save")}${part("max_detections", "5")}--${boundary}--\r\n`,
  `${part("min_confidence", "0.5")}${part("image", "not really a PNG", "ünï\u0000.png")}--${boundary}--\r\n`,
].map((form) => Buffer.from(form));

describe("a damaged request", () => {
  it("is answered, whatever bytes its body has", async () => {
    await fuzzBytes(100, bodies, async (body, which) => {
      await answerOf({ path: routes[which]?.path ?? "", headers: json, body });
    });
  });

  it("is answered, whatever its fields hold", async () => {
    const seen = new Set<number>();
    const whole = routes.map(({ body }) => body);
    await fuzzValues(120, whole, async (value, which) => {
      const body = JSON.stringify(value) ?? "";
      seen.add(await answerOf({ path: routes[which]?.path ?? "", headers: json, body }));
    });
    expect(seen).toContain(200);
    expect(seen).toContain(400);
  });

  it("is answered by every method of the contract", async () => {
    for (const name of methodNames) {
      await fuzzValues(3, [{}, { id: imageId, imageId, runId, name: "a" }], async (value) => {
        await answerOf({ path: `/api/call/${name}`, headers: json, body: JSON.stringify(value) ?? "" });
      });
    }
  });

  it("is answered, whatever an upload's form is like", async () => {
    const seen = new Set<number>();
    await fuzzBytes(100, forms, async (body, which) => {
      const path = which === 0 ? "/parse/upload" : "/api/parse/upload?performance_profile=speed";
      seen.add(await answerOf({ path, headers: multipart, body }));
    });
    expect(seen).toContain(200);
    expect(seen).toContain(400);
  });

  it("leaves the server as it was", async () => {
    expect(await answerOf({ path: "/parse", headers: json, body: JSON.stringify({ image }) })).toBe(200);
    expect(served.host.listenerCount).toBe(0);
  });
});
