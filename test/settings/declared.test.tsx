import { readFile } from "node:fs/promises";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { z } from "zod";
import {
  detectionSettings,
  detectOverridesSchema,
  generalSettings,
  kindOf,
  type SettingTable,
  settingsSchema,
} from "../../app/contract/index.ts";
import { settingRows } from "../../renderer/logic/settings/settings.ts";
import { SettingList } from "../../renderer/views/settings/SettingList.tsx";
import { RecordingEnvironment } from "../cli/recording-environment.ts";
import { readmeFile, withSettingsTable } from "../support/readme.ts";

const table: SettingTable = { ...generalSettings, ...detectionSettings };

it("every setting appears in help, README and the Settings view", async () => {
  const { out } = await new RecordingEnvironment().run("serve", "--help");
  const readme = await readFile(readmeFile, "utf8");
  const rows = settingRows(settingsSchema.parse({}), undefined);
  const view = renderToStaticMarkup(
    <SettingList rows={rows} optionsOf={() => undefined} onChange={() => {}} onReset={() => {}} />,
  );
  for (const name of Object.keys(table)) {
    expect(out).toMatch(new RegExp(`^  ${name}  +\\w`, "m"));
    expect(readme).toContain(`| \`${name}\``);
    expect(view).toContain(`data-testid="setting-${name}"`);
  }
});

it("README's table is what the declarations give (npm run readme writes it)", async () => {
  const text = await readFile(readmeFile, "utf8");
  expect(text, "run `npm run readme`").toBe(withSettingsTable(text));
});

it("every field of settings.json is declared, with defaults of its own kind and words for its choices", () => {
  // Of things that the user opened or added, which no table can list: screenshots, engines elsewhere.
  const kept = ["version", "overrides", "recentImages", "engines"];
  expect(Object.keys(settingsSchema.shape).sort()).toEqual([...Object.keys(generalSettings), ...kept].sort());
  expect(Object.keys(detectOverridesSchema.shape)).toEqual(Object.keys(detectionSettings));
  for (const [name, setting] of Object.entries(table)) {
    for (const value of Object.values(setting.defaults)) expect(setting.schema.parse(value), name).toBe(value);
    expect(kindOf(setting), name).toMatch(/flag|choice|number|text/);
    if (setting.schema instanceof z.ZodEnum)
      expect(Object.keys(setting.words ?? {}), name).toEqual(setting.schema.options);
    expect(setting.about, name).toMatch(/^[A-Z][a-z]?[a-z ].*\.$/);
  }
});
