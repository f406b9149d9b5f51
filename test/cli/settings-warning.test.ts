import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/patience.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

const warning =
  "warning: settings.json: theme is not valid: Invalid option.\n" +
  "hint: Defaults apply in place of what could not be read.\n";

let folder: string;
let image: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-cli-"));
  image = path.join(folder, "screen.png");
  writeFileSync(image, "an image");
  environment = new RecordingEnvironment();
  environment.host.overrides.set("app.info", () => ({
    problems: [
      {
        code: "SETTINGS_INVALID",
        message: "settings.json: theme is not valid: Invalid option.",
        hint: "Defaults apply in place of what could not be read.",
      },
    ],
  }));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(environment.host.folder, { recursive: true, force: true });
});

describe("settings that cannot be read", () => {
  it.each([
    ["models", "list"],
    ["detect", "--json", "-"],
    ["detect", "--quiet", "--repeat", "2"],
  ])("are named once on stderr by %s %s", async (...args) => {
    const images = args[0] === "detect" ? [image, image] : [];
    const { code, out, err } = await environment.run(...args, ...images);
    expect(code).toBe(0);
    expect(err).toBe(warning);
    expect(out).not.toContain("settings.json");
  });

  it("are named by serve before it serves", async () => {
    const result = environment.run("serve", "--port", "0");
    await eventually(() => expect(environment.out).toContain("http://127.0.0.1:"));
    expect(environment.err).toBe(warning);
    environment.interrupt();
    expect((await result).code).toBe(0);
  });

  it("close the host where they cannot be asked for", async () => {
    environment.host.overrides.set("app.info", () => {
      throw new Error("gone");
    });
    const { code, err } = await environment.run("models", "list");
    expect({ code, err }).toEqual({ code: 1, err: "error: gone\n" });
    expect(environment.host.closed).toBe(true);
  });
});
