import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { detectionSettings, generalSettings, type SettingTable, settingGroups } from "../../app/contract/index.ts";
import { literalDefault, takenValues } from "../../app/presentation/settings.ts";
import { repositoryRoot } from "./repository.ts";

/** `npm run readme` writes README's table of settings anew from their declarations. */
export const readmeFile = path.join(repositoryRoot, "README.md");
const [begin, end] = ["<!-- settings: written by `npm run readme` -->\n", "<!-- end of settings -->"] as const;

function settingsTable(): string {
  const settings = Object.entries({ ...generalSettings, ...detectionSettings } as SettingTable);
  const rowOf = ([name, setting]: (typeof settings)[number]): string[] => {
    const option = setting.flag === undefined ? "" : ` (\`${setting.flag.split(" ")[0]}\`)`;
    return [`\`${name}\`${option}`, literalDefault(setting), takenValues(setting), setting.about];
  };
  const rows = settingGroups.flatMap((group) => [
    [`**${group}**`, "", "", ""],
    ...settings.filter(([, setting]) => setting.group === group).map(rowOf),
  ]);
  const lines = [["setting", "default", "takes", "what it does"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** README with the present table. Throws where it has no place for one. */
export function withSettingsTable(readme: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no section between ${begin} and ${end}`);
  return `${readme.slice(0, from)}${begin}\n${settingsTable()}\n${readme.slice(to)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(readmeFile, withSettingsTable(await readFile(readmeFile, "utf8")));
}
