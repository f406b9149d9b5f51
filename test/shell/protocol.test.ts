import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { pathBelow } from "../../app/host/disk/page-files.ts";
import { answerRequest, registerAppScheme } from "../../app/shell/protocol.ts";
import { protocol } from "../mocks/electron.ts";
import { FakeHost } from "./fake-host.ts";

const id = "0123456789abcdef".repeat(4);
let folder: string;
let root: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "holoscope-protocol-"));
  root = path.join(folder, "renderer");
  mkdirSync(path.join(root, "assets"), { recursive: true });
  writeFileSync(path.join(root, "index.html"), "<!doctype html>");
  writeFileSync(path.join(root, "assets", "index-a b.js"), "0");
  writeFileSync(path.join(root, "secret.txt"), "no type of ours");
  writeFileSync(path.join(folder, "outside.html"), "outside");
  mkdirSync(path.join(folder, "renderer-next"));
  writeFileSync(path.join(folder, "renderer-next", "index.html"), "outside");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = (url: string, host = new FakeHost(), init?: RequestInit): Promise<Response> =>
  answerRequest(root, host.host, new Request(url, init));

describe("the holoscope scheme", () => {
  it("is registered as a secure standard scheme that may not bypass the CSP", () => {
    registerAppScheme();
    const [[schemes]] = protocol.registerSchemesAsPrivileged.mock.calls as [[Electron.CustomScheme[]]];
    expect(schemes.map(({ scheme }) => scheme)).toEqual(["holoscope"]);
    expect(schemes[0]?.privileges).toEqual({ standard: true, secure: true, supportFetchAPI: true, stream: true });
  });

  it("serves the page with a policy that allows nothing unnamed", async () => {
    const response = await get("holoscope://app/index.html");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: holoscope:;/,
    );
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(await response.text()).toBe("<!doctype html>");
  });

  it("decodes names", async () => {
    const response = await get("holoscope://app/assets/index-a%20b.js?v=1");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/javascript");
  });

  it.each([
    "holoscope://app/../outside.html",
    "holoscope://app/%2e%2e/outside.html",
    "holoscope://app/..%2foutside.html",
    "holoscope://app/..%2Foutside.html",
    "holoscope://app/..%5coutside.html",
    "holoscope://app/assets/..%2f..%2foutside.html",
    "holoscope://app/assets/..%2findex.html",
    "holoscope://app//etc/passwd",
    "holoscope://app/%2fetc%2fpasswd",
    "holoscope://app/..%2frenderer-next/index.html",
    "holoscope://app/C:%5cWindows%5cwin.ini",
    "holoscope://app/index.html::$DATA",
    "holoscope://app/index.html%00.js",
    "holoscope://app/%E0%A4%A",
    "holoscope://app/secret.txt",
    "holoscope://app/missing.js",
    "holoscope://app/",
    "holoscope://app/assets",
    "holoscope://elsewhere/index.html",
    "holoscope://user@app/index.html",
  ])("refuses %s", async (url) => {
    // The Request class of the test rejects credentials by itself; the handler must not rely on that.
    const response = await answerRequest(root, new FakeHost().host, { method: "GET", url } as Request);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain("outside");
  });

  it("stays inside its folder for any path", () => {
    for (const urlPath of ["/../x", "/%2e%2e/x", "/a/../../x", "/..", "/.", "", "/a%2f..%2f..%2fx", "/\\..\\x"]) {
      const file = pathBelow(root, urlPath);
      expect(file === undefined || file.startsWith(root + path.sep), urlPath).toBe(true);
    }
  });

  it("answers GET only", async () => {
    expect((await get("holoscope://app/index.html", new FakeHost(), { method: "POST", body: "x" })).status).toBe(405);
  });

  it("serves stored images by id", async () => {
    const host = new FakeHost();
    host.imagePath = path.join(folder, "stored");
    writeFileSync(host.imagePath, "pixels");
    const response = await get(`holoscope://app/images/${id}`, host);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).toBe("pixels");
  });

  it.each(["", "..%2f..%2foutside.html", "/etc/passwd", `${id}/..`, id.toUpperCase(), `${id}0`, "..%2f".repeat(13)])(
    "takes %j for no image id",
    async (name) => {
      const host = new FakeHost();
      host.imagePath = path.join(folder, "outside.html");
      const response = await get(`holoscope://app/images/${name}`, host);
      expect([400, 404]).toContain(response.status);
      expect(await response.text()).not.toBe("outside");
    },
  );

  it("says when there is no such image, or when its file is gone", async () => {
    expect((await get(`holoscope://app/images/${id}`)).status).toBe(404);
    const host = new FakeHost();
    host.imagePath = path.join(folder, "gone");
    expect((await get(`holoscope://app/images/${id}`, host)).status).toBe(500);
  });
});
