import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rawRequest } from "../server/served.ts";
import { eventually } from "../support/patience.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

let folder: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-serve-"));
  environment = new RecordingEnvironment();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A file of the test's folder, by its path. */
function written(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe("holoscope serve", () => {
  async function statusWith(args: readonly string[], bearer: string): Promise<number> {
    const running = new RecordingEnvironment();
    const result = running.run("serve", "--port", "0", ...args);
    await eventually(() => expect(running.out).toContain("http://127.0.0.1:"));
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(running.out)?.[0] ?? "";
    const response = await fetch(`${url}gpu-info`, { headers: { Authorization: `Bearer ${bearer}` } });
    expect(running.out).not.toContain(bearer);
    running.interrupt();
    await result;
    return response.status;
  }

  it("takes its token from a file, by option or environment", async () => {
    const file = path.join(folder, "token");
    writeFileSync(file, "a-secret-of-a-file\n", { mode: 0o600 });
    expect(await statusWith(["--token-file", file], "a-secret-of-a-file")).toBe(200);
    vi.stubEnv("HOLOSCOPE_TOKEN_FILE", file);
    expect(await statusWith([], "a-secret-of-a-file")).toBe(200);
    vi.stubEnv("HOLOSCOPE_TOKEN", "a-secret-of-the-environment");
    expect(await statusWith([], "a-secret-of-the-environment")).toBe(200);
  });

  it.each([
    ["a file that is not there", () => ["--token-file", path.join(folder, "none")], "no token file"],
    ["a folder", () => ["--token-file", folder], "no token file"],
    ["an empty file", () => ["--token-file", written("empty", " \n")], "empty"],
    ["a long file", () => ["--token-file", written("long", "x".repeat(5000))], "too large"],
    ["two tokens", () => ["--token-file", written("token", "long-enough"), "--token", "long-enough"], "not both"],
    ["a wildcard origin", () => ["--allow-origin", "*"], "no wildcard"],
    ["a wildcard host", () => ["--allow-host", "*.example"], "no wildcard"],
  ])("does not start with %s", async (_what, args, mention) => {
    const { code, err } = await environment.run("serve", "--port", "0", ...args());
    expect(code).toBe(2);
    expect(err).toContain(mention);
  });

  it.skipIf(process.platform === "win32")("warns of a token file that others may read", async () => {
    const file = written("open", "long-enough");
    chmodSync(file, 0o644);
    const result = environment.run("serve", "--port", "0", "--token-file", file);
    await eventually(() => expect(environment.out).toContain("http://127.0.0.1:"));
    expect(environment.err).toContain("chmod 600");
    environment.interrupt();
    await result;
  });

  it("lets pages and names in that are named", async () => {
    const result = environment.run(
      ...["serve", "--port", "0", "--allow-origin", "http://localhost:3000", "--allow-origin", "https://holo.example"],
      ...["--allow-host", "host.docker.internal"],
    );
    await eventually(() => expect(environment.out).toContain("http://127.0.0.1:"));
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(environment.out)?.[1]);
    for (const Origin of ["http://localhost:3000", "https://holo.example"]) {
      const headers = { Host: "host.docker.internal:9989", Origin };
      expect((await rawRequest(port, { path: "/health", headers })).status).toBe(200);
    }
    environment.interrupt();
    await result;
  });
});
