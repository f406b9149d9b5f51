import { readFile } from "node:fs/promises";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { z } from "zod";
import { profiles, resolveSettings, settingsPatchSchema, settingsSchema } from "../../app/contract/index.ts";
import { settingOptions, settingRows } from "../../renderer/logic/settings/settings.ts";
import { SettingList } from "../../renderer/views/settings/SettingList.tsx";
import { RecordingEnvironment } from "../cli/recording-environment.ts";
import { readmeFile, withSettingsTable } from "../support/readme.ts";

/** Two more settings, added where settings are declared and nowhere else. */
vi.mock("../../app/contract/setting-fields.ts", async (original) => {
  const real = await original<typeof import("../../app/contract/setting-fields.ts")>();
  const { setting } = await import("../../app/contract/setting.ts");
  return {
    ...real,
    generalSettings: {
      ...real.generalSettings,
      greeting: setting(z.enum(["none", "short", "long"]), "short", {
        title: "Greeting",
        group: "Window and machine",
        about: "What the window says when it opens.",
        words: { none: "Nothing", short: "Hello", long: "Good morning" },
      }),
    },
    detectionSettings: {
      ...real.detectionSettings,
      rotations: setting(z.int().min(0).max(359), 90, {
        title: "Rotations",
        group: "Answer",
        about: "Turn the screenshot before it is read. Only an example.",
        unit: "degrees",
        flag: "--rotate <degrees>",
      }),
    },
  };
});

it("a setting that is declared appears in the schemas, help, README and Settings view", async () => {
  expect(settingsSchema.parse({})).toMatchObject({ greeting: "short" });
  const overrides = { rotations: 180 } as object;
  const settings = settingsSchema.parse({ greeting: "long", overrides });
  expect(settings).toMatchObject({ greeting: "long", overrides });
  expect(settingsPatchSchema.safeParse({ overrides: { rotations: 360 } }).success).toBe(false);
  expect(resolveSettings("speed", overrides)).toMatchObject({ rotations: 180 });
  expect(profiles.quality).toMatchObject({ rotations: 90 });

  const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");
  const detectHelp = oneLine((await new RecordingEnvironment().run("detect", "--help")).out);
  const limits = "(0 to 359 degrees; default: 90)";
  expect(detectHelp).toContain(`--rotate <degrees> turn the screenshot before it is read ${limits}`);
  expect(detectHelp).toContain(`rotations turn the screenshot before it is read. Only an example ${limits}`);
  const serveHelp = oneLine((await new RecordingEnvironment().run("serve", "--help")).out);
  expect(serveHelp).toContain("greeting what the window says when it opens (none, short or long; default: short)");
  const given = new RecordingEnvironment();
  await given.run("detect", readmeFile, "--rotate", "12");
  await given.run("detect", readmeFile, "--set", "rotations=13");
  expect(given.host.requests.map((request) => request.overrides)).toEqual([{ rotations: 12 }, { rotations: 13 }]);
  const wrong = await new RecordingEnvironment().run("detect", readmeFile, "--rotate", "360");
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("It takes 0 to 359 degrees.") });

  const table = withSettingsTable(await readFile(readmeFile, "utf8"));
  expect(table).toContain(
    "| `rotations` (`--rotate`) | 90 | 0 to 359 degrees | Turn the screenshot before it is read. Only an example. |",
  );
  expect(table).toContain("| `greeting` | short | none, short or long | What the window says when it opens. |");

  const view = renderToStaticMarkup(
    <SettingList
      rows={settingRows(settings, undefined)}
      optionsOf={(row) => settingOptions(row, { models: [], backends: [], model: undefined })}
      onChange={() => {}}
      onReset={() => {}}
    />,
  );
  const item = (name: string) => view.match(new RegExp(`<li[^>]*data-testid="setting-${name}".*?</li>`))?.[0];
  expect(item("rotations")).toMatch(/data-changed="true".*Rotations.*Only an example\..*value="180"/);
  expect(item("rotations")).toMatch(/Default: 90 degrees.*0 to 359 degrees.*Reset/);
  expect(item("greeting")).toMatch(
    /<select.*Nothing.*Hello.*<option value="long" selected="">Good morning.*Default: Hello/,
  );
});
