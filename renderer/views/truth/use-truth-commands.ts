import type { CommandInfo } from "../../logic/commands/registry.ts";
import { currentMistakes, currentTruth } from "../../store/truth-selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";

export const truthCommands = {
  next: { id: "truth-next", title: "Next mistake", group: "Truth", keys: ["N"], words: "error missed extra jump" },
  previous: { id: "truth-previous", title: "Previous mistake", group: "Truth", keys: ["Shift+N"], words: "error back" },
  tables: { id: "truth-tables", title: "Measures of all images", group: "Truth", words: "precision recall f1 folder" },
  remove: { id: "truth-remove", title: "Remove the ground truth", group: "Truth", words: "clear annotations" },
} as const satisfies Record<string, CommandInfo>;

/** Offers what can be done with ground truth wherever the screenshot is on screen. */
export function useTruthCommands(): void {
  const { truth: commands } = useCommands();
  const truth = useApp(currentTruth);
  const mistakes = useApp((state) => currentMistakes(state).length);
  const imageId = useApp((state) => state.images.currentId);
  const noTruth = truth === undefined ? "Open ground truth for this screenshot first." : undefined;
  const nothing = noTruth ?? (mistakes === 0 ? "There is no mistake." : undefined);
  useRegisteredCommands([
    { ...truthCommands.next, blocked: nothing, run: () => commands.jump(1) },
    { ...truthCommands.previous, blocked: nothing, run: () => commands.jump(-1) },
    { ...truthCommands.tables, blocked: noTruth, run: () => commands.showTables(true) },
    {
      ...truthCommands.remove,
      blocked: noTruth,
      run: () => imageId !== undefined && void commands.clear(imageId),
    },
  ]);
}
