import type { Detection, ImageRef } from "../../../app/contract/index.ts";
import { plural } from "../../../app/presentation/numbers.ts";
import { type CoordinateUnit, unitNames } from "../../../app/presentation/units.ts";
import { catalogue } from "../../logic/commands/catalogue.ts";
import { elementJson, playwrightClick, pyautoguiClick } from "../../logic/copy/element-code.ts";
import { currentImage, selectedDetection, visibleElements } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { copyImage } from "../../ui/copy-image.ts";
import { copyText } from "../../ui/copy-text.ts";

/** Registers the copy commands: of the selected element, and of the whole picture. */
export function useCopyCommands(): void {
  const commands = useCommands();
  // Nothing is copied from an image that another screen hides.
  const image = useApp((state) => (state.screen.current === "image" ? currentImage(state) : undefined));
  const selected = useApp(selectedDetection);
  const elements = useApp(visibleElements).items;
  const unit = useApp((state) => state.prefs.unit);

  const copy = (what: string, text: (element: Detection, image: ImageRef, unit: CoordinateUnit) => string) => () => {
    if (selected === undefined || image === undefined) return;
    const code = text(selected, image, unit);
    void copyText(code).then((copied) =>
      commands.undo.say(
        copied ? `Copied ${what} in ${unitNames[unit]}` : `The browser refused to copy. The text is: ${code}`,
      ),
    );
  };
  const copyPicture = () => {
    if (image === undefined) return;
    copyImage(commands.exports.picture(image, elements)).then(
      () => commands.undo.say(`Copied the image with ${plural(elements.length, "element")}`),
      (error: unknown) => commands.report(error, "Copy image"),
    );
  };
  const blocked = image === undefined || selected === undefined ? "Select an element first." : undefined;
  useRegisteredCommands([
    {
      ...catalogue.copyJson,
      blocked,
      run: copy("the box as JSON", elementJson),
    },
    { ...catalogue.copyPlaywright, blocked, run: copy("a Playwright click", playwrightClick) },
    { ...catalogue.copyPyautogui, blocked, run: copy("a pyautogui click", pyautoguiClick) },
    {
      ...catalogue.copyImage,
      blocked: image === undefined ? "Open a screenshot first." : undefined,
      run: copyPicture,
    },
  ]);
}
