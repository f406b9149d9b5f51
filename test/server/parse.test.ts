import http from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HoloscopeError, imageLimits, parseResponseSchema, parseServiceLimits } from "../../app/contract/index.ts";
import { decodeBase64Image } from "../../app/host/images/base64.ts";
import { formLimits } from "../../app/server/multipart.ts";
import { eventually } from "../support/patience.ts";
import { sampleRun } from "./sample-run.ts";
import { errorCode, rawRequest, type Served, serveFake } from "./served.ts";

const image = Buffer.from("not really a PNG").toString("base64");

let served: Served;
beforeEach(async () => {
  served = await serveFake();
});
afterEach(() => served.close());

async function parse(body: unknown, query = ""): Promise<Response> {
  return fetch(`${served.url}/parse${query}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

describe("POST /parse", () => {
  it("hands profile and limits on to the run", async () => {
    await parse({ image, performance_profile: "quality", max_detections: 7, min_confidence: 0 });
    expect(served.host.requests[0]).toMatchObject({
      mode: "detect",
      profile: "quality",
      overrides: { maxDetections: 7, minConfidence: 0, maxNewTokens: parseServiceLimits.quality.maxNewTokens },
    });
  });

  it.each([
    ["IMAGE_UNREADABLE", 422],
    ["OUT_OF_MEMORY", 503],
    ["ENGINE_CRASHED", 500],
    ["MODEL_NOT_FOUND", 404],
  ] as const)("turns a run that failed with %s into status %i", async (code, status) => {
    served.host.nextRun = () =>
      sampleRun({ status: "failed", error: { code, message: "It failed.", hint: "Do this." } });
    const response = await parse({ image });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ ok: false, error: { code, message: "It failed.", hint: "Do this." } });
  });

  it("cancels the run when the client goes away", async () => {
    served.host.nextRun = "hang";
    const body = JSON.stringify({ image });
    const request = http.request(`${served.url}/parse`, { method: "POST", agent: false });
    request.on("error", () => {});
    request.end(body);
    await eventually(() => expect(served.host.requests).toHaveLength(1));
    expect(served.host.cancelled).toEqual([]);
    request.destroy();
    await eventually(() => expect(served.host.cancelled).toEqual(["run-00000001"]));
  });

  it("does not cancel a run whose client waits", async () => {
    await parse({ image });
    expect(served.host.cancelled).toEqual([]);
  });
});

describe("bad requests to /parse", () => {
  it.each([
    ["no JSON", "{image:"],
    ["an empty body", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["broken UTF-8 text", "\u0000"],
    ["no image", { task: "x" }],
    ["an empty image", { image: "" }],
    ["an image that is a number", { image: 7 }],
    ["an image that is a path", { image: "/home/me/screen shot.png?" }],
    ["a data URL without base64", { image: "data:image/png,abc" }],
    ["a data URL without data", { image: "data:image/png;base64" }],
    ["padding in the middle", { image: "aGk=aGk=" }],
    ["a query", { image }, "?max_detections=3"],
    ["text for a boolean", { image, detect_multiple: "perhaps" }],
    ["0 detections", { image, max_detections: 0 }],
    ["201 detections", { image, max_detections: 201 }],
    ["half a detection", { image, max_detections: 1.5 }],
    ["a confidence of 2", { image, min_confidence: 2 }],
    ["an unknown profile", { image, performance_profile: "turbo" }],
  ])("%s", async (_what, body, query = "") => {
    const response = await parse(body, query);
    expect(response.status).toBe(400);
    expect(errorCode(await response.text())).toBe("BAD_REQUEST");
    expect(served.host.requests).toHaveLength(0);
    expect((await fetch(`${served.url}/health`)).status).toBe(200);
  });

  it("names the wrong field", async () => {
    const answer = await (await parse({ image, max_detections: 500 })).text();
    expect(answer).toContain("max_detections");
  });

  it("refuses an image of 0 bytes with the image's own error", async () => {
    const response = await parse({ image: "data:image/png;base64," });
    expect(response.status).toBe(422);
    expect(errorCode(await response.text())).toBe("IMAGE_EMPTY");
  });

  it("refuses a body that announces too much before reading it", async () => {
    const answer = await new Promise<{ status: number; text: string; sent: boolean }>((resolve, reject) => {
      const request = http.request(`${served.url}/parse`, {
        method: "POST",
        agent: false,
        headers: { "Content-Length": 200 * 1024 * 1024 },
      });
      request.on("error", reject);
      request.on("response", (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text, sent: request.writableEnded });
          request.destroy();
        });
      });
      request.write("{");
    });
    expect(answer.status).toBe(413);
    expect(errorCode(answer.text)).toBe("PAYLOAD_TOO_LARGE");
    expect(answer.sent).toBe(false);
  });

  /** Sends zeros without a Content-Length; the status, or 0 if the server just closed. */
  function sendChunks(bytes: number): Promise<number> {
    const chunk = Buffer.alloc(1024 * 1024);
    return new Promise((resolve) => {
      const request = http.request(`${served.url}/api/images`, { method: "POST", agent: false });
      let ended = false;
      const end = (status: number): void => {
        ended = true;
        resolve(status);
        request.destroy();
      };
      request.on("error", () => end(0));
      request.on("response", (response) => end(response.statusCode ?? 0));
      const write = (left: number): void => {
        if (ended) return;
        if (left <= 0) return void request.end();
        request.write(chunk, () => setImmediate(() => write(left - chunk.length)));
      };
      write(bytes);
    });
  }

  it("refuses a body of unknown length that passes the limit", async () => {
    expect(await sendChunks(imageLimits.maxBytes + 20 * 1024 * 1024)).toBe(413);
    expect(served.host.calls).toEqual([]);
  });

  it("ends a body that never ends", async () => {
    expect([413, 0]).toContain(await sendChunks(Number.POSITIVE_INFINITY));
    expect((await fetch(`${served.url}/health`)).status).toBe(200);
  });

  it.each(["GET", "PUT", "DELETE", "PATCH"])("refuses %s", async (method) => {
    const response = await fetch(`${served.url}/parse`, { method });
    expect(response.status).toBe(405);
    expect(errorCode(await response.text())).toBe("BAD_REQUEST");
  });

  it("answers what is not HTTP in the same shape", async () => {
    const answer = await rawRequest(served.server.port, { path: "/parse", headers: { "X-Big": "x".repeat(40_000) } });
    expect(answer.status).toBe(400);
    expect(errorCode(answer.text)).toBe("BAD_REQUEST");
  });
});

describe("POST /parse/upload", () => {
  const upload = (form: FormData) => fetch(`${served.url}/parse/upload`, { method: "POST", body: form });

  it.each(["image", "file"])("takes the file from the field %s, and the other fields as text", async (field) => {
    const form = new FormData();
    form.append(field, new Blob([new Uint8Array([0, 255, 13, 10, 1])]), "shot.png");
    form.append("detect_multiple", "False");
    form.append("task", "the save button");
    form.append("include_som", "0");
    form.append("min_confidence", "0.25");
    form.append("max_detections", "");
    form.append("performance_profile", "quality");
    const response = await upload(form);
    expect(response.status).toBe(200);
    expect(parseResponseSchema.parse(await response.json()).image_size.width).toBe(1920);
    expect(served.host.requests[0]).toMatchObject({
      mode: "locate",
      target: "the save button",
      profile: "quality",
      overrides: { minConfidence: 0.25 },
    });
    const added = served.host.calls.find(({ method }) => method === "images.add");
    expect(added?.params).toEqual({ bytes: Buffer.from([0, 255, 13, 10, 1]), name: "shot.png" });
  });

  it.each([
    ["max_detections", "many"],
    ["include_som", "perhaps"],
    ["min_confidence", "1.5"],
  ])("refuses %s = %s", async (name, value) => {
    const form = new FormData();
    form.append("image", new Blob(["x"]), "x.png");
    form.append(name, value);
    const response = await upload(form);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(name);
  });

  it("refuses a form without a file, a broken form and another content type", async () => {
    const form = new FormData();
    form.append("image", "just text");
    expect((await upload(form)).status).toBe(400);
    const two = new FormData();
    for (const field of ["image", "file"]) two.append(field, new Blob(["x"]), "x.png");
    expect((await upload(two)).status).toBe(400);
    for (const type of ["multipart/form-data; boundary=x", "multipart/form-data", "application/json"]) {
      const headers = { "Content-Type": type };
      const response = await fetch(`${served.url}/parse/upload`, { method: "POST", headers, body: "nonsense" });
      expect(response.status).toBe(400);
      expect(errorCode(await response.text())).toBe("BAD_REQUEST");
    }
  });
});

describe("an image that was sent is given back, and its run is not kept,", () => {
  const image = Buffer.from("an image").toString("base64");
  const post = (path: string, body: object) =>
    fetch(`${served.url}${path}`, { method: "POST", body: JSON.stringify({ image, ...body }) });

  it.each([
    ["/parse", {}],
    ["/api/parse", {}],
    ["/navigate", { task: "the save button" }],
  ])("once %s is answered", async (path, body) => {
    expect((await post(path, body)).status).toBe(200);
    expect(served.host.givenBack).toHaveLength(1);
    expect(served.host.kept).toEqual([false]);
  });

  it.each(["/parse", "/navigate"])("when the detection of %s fails", async (path) => {
    const error = { code: "ENGINE_CRASHED", message: "The engine has crashed." } as const;
    served.host.nextRun = () => sampleRun({ status: "failed", error });
    expect((await post(path, { task: "the save button" })).status).toBeGreaterThanOrEqual(500);
    expect(served.host.givenBack).toHaveLength(1);
  });

  it("when the drawing fails", async () => {
    served.host.overrides.set("images.overlay", () => {
      throw new HoloscopeError("ENGINE_CRASHED", "The engine has crashed.");
    });
    expect((await post("/parse", { include_som: true })).status).toBeGreaterThanOrEqual(500);
    expect(served.host.givenBack).toHaveLength(1);
  });

  it("when the client has gone", async () => {
    served.host.nextRun = "hang";
    const gone = new AbortController();
    const answer = fetch(`${served.url}/parse`, {
      method: "POST",
      body: JSON.stringify({ image }),
      signal: gone.signal,
    });
    await eventually(() => expect(served.host.requests).toHaveLength(1));
    gone.abort();
    await expect(answer).rejects.toThrow();
    await eventually(() => expect(served.host.givenBack).toHaveLength(1));
  });
});

describe("a form of many or long parts", () => {
  const upload = (form: FormData) => fetch(`${served.url}/parse/upload`, { method: "POST", body: form });
  const withFile = () => {
    const form = new FormData();
    form.append("file", new Blob(["x"]), "x.png");
    return form;
  };

  it("may have some 30 parts and fields of 64 KiB, and no more", async () => {
    const some = withFile();
    for (let index = 0; index < formLimits.parts - 2; index += 1) some.append(`other_${index}`, "x");
    expect((await upload(some)).status).toBe(200);
    const many = withFile();
    for (let index = 0; index < formLimits.parts; index += 1) many.append(`other_${index}`, "x");
    const long = withFile();
    long.append("other", "x".repeat(formLimits.valueBytes + 1));
    const longName = withFile();
    longName.append("n".repeat(formLimits.nameLength + 1), "x");
    for (const form of [many, long, longName]) {
      const response = await upload(form);
      expect(response.status).toBe(400);
      expect(errorCode(await response.text())).toBe("BAD_REQUEST");
    }
    expect(served.host.requests).toHaveLength(1);
  });

  it("with a field without a name is refused, and the server goes on", async () => {
    const body = "--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--\r\n";
    const headers = { "Content-Type": "multipart/form-data; boundary=x" };
    const response = await fetch(`${served.url}/parse/upload`, { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("no name");
    expect((await upload(withFile())).status).toBe(200);
  });

  it("with a hundred thousand parts is refused while it arrives", async () => {
    const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n';
    const response = await fetch(`${served.url}/parse/upload`, {
      method: "POST",
      headers: { "Content-Type": "multipart/form-data; boundary=x" },
      body: part.repeat(100_000),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("parts");
  });
});

describe("a long image", () => {
  const bytes = Buffer.from(Array.from({ length: 200_001 }, (_, index) => (index * 31) % 251));
  const base64 = bytes.toString("base64");
  const added = () => served.host.calls.find(({ method }) => method === "images.add")?.params;

  it.each([
    ["plain", JSON.stringify({ image: base64, max_detections: 3 })],
    ["after other fields", JSON.stringify({ task: 'the "x\\', image: base64, max_detections: 3 })],
    ["with spaces around it", `{ "image" : "${base64}" , "max_detections": 3}`],
    ["as a data URL", JSON.stringify({ image: `data:image/png;base64,${base64}`, max_detections: 3 })],
    ["URL-safe", JSON.stringify({ image: bytes.toString("base64url"), max_detections: 3 })],
    ["in lines", JSON.stringify({ image: base64.replaceAll(/.{76}/g, "$&\r\n"), max_detections: 3 })],
    ["with escaped slashes", JSON.stringify({ image: base64, max_detections: 3 }).replaceAll("/", "\\/")],
  ])("%s arrives byte for byte", async (_what, body) => {
    expect((await parse(body)).status).toBe(200);
    expect(added()).toEqual({ bytes });
  });

  it.each([
    ["a character that does not belong", JSON.stringify({ image: `${base64.slice(0, -8)}!${base64.slice(-7)}` })],
    ["padding in its middle", JSON.stringify({ image: `${base64.slice(0, 4)}==${base64}` })],
    ["another field that is wrong", JSON.stringify({ image: base64, max_detections: 500 })],
    ["no end", `{"image":"${base64}`],
    ["no end after a backslash", `{"image":"${base64}${"\\".repeat(100_001)}"}`],
  ])("with %s is refused", async (_what, body) => {
    const response = await parse(body);
    expect(response.status).toBe(400);
    expect(errorCode(await response.text())).toBe("BAD_REQUEST");
    expect(added()).toBeUndefined();
  });

  it("leaves other long texts alone", async () => {
    const task = "x".repeat(100_000);
    await parse({ task, image });
    expect(served.host.requests).toEqual([]);
    expect(await (await parse({ image: "the image's text, left out" })).text()).toContain("neither base64");
  });
});

describe("decodeBase64Image", () => {
  it.each([
    ["spaces before a character that does not belong", `${" ".repeat(1_000_000)}!`],
    ["letters before a character that does not belong", `${"A".repeat(1_000_000)}!`],
    ["padding before one", `${"=".repeat(1_000_000)}!`],
    ["spaces and padding in turns", `${"= ".repeat(500_000)}A`],
    ["a data URL that does not begin its data", `data:${";base64".repeat(150_000)}`],
    ["a URL that goes on", `http://${"/".repeat(1_000_000)}`],
  ])("refuses a million of %s, without looking at any twice", async (_what, text) => {
    const response = await parse({ image: text });
    expect(response.status).toBe(400);
    expect(errorCode(await response.text())).toBe("BAD_REQUEST");
  });

  it.each(["http://example.com/a.png", "HTTPS://example.com/a.png", " https://example.com", "file:///etc/passwd"])(
    "says that the URL %s is never fetched",
    async (url) => {
      const response = await parse({ image: url });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("never fetched");
    },
  );

  it("takes plain, wrapped, URL-safe and data-URL base64", () => {
    const bytes = Buffer.from([251, 255, 190, 1]);
    const plain = bytes.toString("base64");
    for (const text of [
      plain,
      `${plain.slice(0, 3)}\r\n${plain.slice(3)}\n`,
      bytes.toString("base64url"),
      `data:image/png;base64,${plain}`,
      `data:image/jpeg;name=a.jpg;BASE64,${plain}`,
    ]) {
      expect(Buffer.from(decodeBase64Image(text))).toEqual(bytes);
    }
  });
});
