import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pathBelow } from "../../app/host/disk/page-files.ts";
import { errorCode, rawRequest, type Served, serveFake } from "./served.ts";

describe("the page", () => {
  let outside: string;
  let served: Served;
  beforeAll(async () => {
    outside = mkdtempSync(path.join(os.tmpdir(), "holoscope-page-"));
    const root = path.join(outside, "renderer");
    mkdirSync(path.join(root, "assets"), { recursive: true });
    writeFileSync(path.join(root, "index.html"), "<!doctype html><title>the page</title>");
    writeFileSync(path.join(root, "assets", "main-1234.js"), "console.log('code')");
    writeFileSync(path.join(root, "assets", "notes.txt"), "no type for this one");
    writeFileSync(path.join(outside, "secret.json"), '{"secret":true}');
    mkdirSync(path.join(outside, "renderer-secret"));
    writeFileSync(path.join(outside, "renderer-secret", "secret.json"), '{"secret":true}');
    symlinkSync(path.join(outside, "secret.json"), path.join(root, "link.json"));
    served = await serveFake({ rendererFolder: root });
  });
  afterAll(async () => {
    await served.close();
    rmSync(outside, { recursive: true, force: true });
  });

  it("is served with its types and caching", async () => {
    const page = await fetch(`${served.url}/`);
    expect(await page.text()).toContain("the page");
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const code = await fetch(`${served.url}/assets/main-1234.js`);
    expect(await code.text()).toContain("code");
    expect(code.headers.get("content-type")).toContain("text/javascript");
    expect(code.headers.get("cache-control")).toContain("immutable");
  });

  it.each([
    "/../secret.json",
    "/%2e%2e/secret.json",
    "/..%2fsecret.json",
    "/%2e%2e%2fsecret.json",
    "/assets/../../secret.json",
    "/assets/..%2f..%2fsecret.json",
    "/..%5csecret.json",
    "/assets\\..\\..\\secret.json",
    "/%252e%252e%252fsecret.json",
    "/..%2frenderer-secret/secret.json",
    "//secret.json",
    "/./secret.json",
    "/link.json",
    "/assets",
    "/assets/",
    "/assets/notes.txt",
    "/index.html%00.js",
    "/%",
    "/nothing.js",
  ])("does not serve %s", async (urlPath) => {
    const answer = await rawRequest(served.server.port, { path: urlPath });
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain("secret");
    expect(["BAD_REQUEST", "NOT_FOUND"]).toContain(errorCode(answer.text));
  });

  it("resolves only what lies plainly below its folder", () => {
    expect(pathBelow("/root", "/assets/a.js")).toBe(path.resolve("/root/assets/a.js"));
    for (const bad of ["/../a", "/a/../../b", "/a//b", "a", "/C:/a", "/a\\b", "/%00", "/%zz", "/"]) {
      expect(pathBelow("/root", bad)).toBeUndefined();
    }
  });
});

describe("without a build", () => {
  it("says in plain text what to do", async () => {
    const served = await serveFake({ rendererFolder: path.join(os.tmpdir(), "holoscope-no-such-folder") });
    try {
      const page = await fetch(`${served.url}/`);
      expect(page.status).toBe(503);
      expect(page.headers.get("content-type")).toContain("text/plain");
      expect(await page.text()).toContain("npm run build");
    } finally {
      await served.close();
    }
  });
});
