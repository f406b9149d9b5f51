import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { diagnosticsFileName } from "../../../app/host/doctor/diagnostics.ts";
import { type Redaction, redact } from "../../../app/host/doctor/redact.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";

const ann: Redaction = {
  home: "/home/ann",
  user: "ann",
  hostName: "anns-laptop",
  dataFolder: "/mnt/disk/clients",
  imageNames: ["my bank account.png", "Screenshot 1"],
  keepPaths: false,
  keepImageNames: false,
};

describe("redaction", () => {
  it("replaces the home folder, the names of user and machine, in text and in JSON", () => {
    expect(redact('/home/ann/models {"a":"C:\\\\Users\\\\ann"} Ann on anns-laptop', ann)).toBe(
      '~/models {"a":"C:\\\\…\\\\<user>"} <user> on <machine>',
    );
    const windows = { ...ann, home: "C:\\Users\\ann" };
    expect(redact('C:\\Users\\ann\\x {"a":"C:\\\\Users\\\\ann\\\\y"}', windows)).toBe('~\\x {"a":"~\\\\y"}');
  });

  it("names no folder of a path, in text and in JSON; addresses and words with slashes stay", () => {
    expect(redact("/mnt/disk/clients /mnt/disk/clients/runs/a.json", ann)).toBe("<data> <data>/runs/a.json");
    expect(redact("read /srv/acme-merger/v2/model.gguf: no", ann)).toBe("read /…/model.gguf: no");
    expect(redact('{"path":"D:\\\\acme\\\\model.gguf"} D:/acme/x.gguf', ann)).toBe(
      '{"path":"D:\\\\…\\\\model.gguf"} D:/…/x.gguf',
    );
    expect(redact("/home/ann/acme/model.gguf", ann)).toBe("~/…/model.gguf");
    const plain = "https://huggingface.co/org/repo and/or q4/q8 1/2/3 /parse";
    expect(redact(plain, ann)).toBe(plain);
  });

  it("leaves words alone that only contain the name", () => {
    expect(redact("channel banner annex cannot", ann)).toBe("channel banner annex cannot");
    expect(redact("root node", { ...ann, user: "root" })).toBe("root node");
  });

  it("replaces names of images, known ones and others", () => {
    expect(redact('"my bank account.png" and my bank account.png, other.JPG, Screenshot 1', ann)).toBe(
      '"<image>" and <image>, <image>, <image>',
    );
    expect(redact('There is no file "secret plan.webp".', ann)).toBe('There is no file "<image>".');
  });

  it("leaves in what is ticked", () => {
    const text = "/home/ann/shot.png";
    expect(redact(text, { ...ann, keepPaths: true })).toBe("/home/ann/<image>");
    expect(redact(text, { ...ann, keepImageNames: true })).toBe("~/shot.png");
    expect(redact(text, { ...ann, keepPaths: true, keepImageNames: true })).toBe(text);
  });
});

describe("the diagnostics bundle", () => {
  let fake: FakeHost;
  afterEach(() => fake.dispose());

  it("holds versions, settings, the doctor's report and the log, but no image name, home or user", async () => {
    fake = await startFakeHost({
      doctor: {
        readSystem: async () => ({ busyShare: 0.1 }),
        lookups: { missingLibraries: async () => [], installedPackages: async () => [] },
      },
    });
    await fake.run("exit");
    const home = os.homedir();
    await fake.host
      .call("images.addPath", { path: path.join(home, "no such secret.png") })
      .then(() => expect.unreachable())
      .catch(() => {});
    const { text, fileName } = await fake.host.call("diagnostics.bundle", {});
    expect(fileName).toMatch(/^holoscope-diagnostics-\d{8}-\d{6}\.txt$/);
    for (const title of ["Versions", "Machine", "Settings", "Engine", "Backends", "Models", "Doctor", "Log"]) {
      expect(text).toContain(`## ${title}`);
    }
    expect(text).toContain('"schema":"holoscope.doctor"');
    expect(text).toContain("ERROR");
    expect(text).toContain("engine: detect exit");
    expect(text).not.toContain("shot.png");
    if (home.length > 5) expect(text).not.toContain(home);
    const again = await fake.host.call("diagnostics.bundle", { logLines: 0 });
    expect(again.text).not.toContain("engine: detect exit");
  });

  it("is named by its moment", async () => {
    fake = await startFakeHost();
    expect(diagnosticsFileName(new Date("2026-10-05T14:23:01.500Z"))).toBe("holoscope-diagnostics-20261005-142301.txt");
  });
});
