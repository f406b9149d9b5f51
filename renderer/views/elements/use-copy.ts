import type { Detection } from "../../../app/contract/index.ts";
import { catalogue } from "../../model/commands/catalogue.ts";
import { elementJson, playwrightClick, pyautoguiClick } from "../../model/copy/element-code.ts";
import { plural } from "../../model/format.ts";
import { currentImage, selectedDetection, visibleElements } from "../../store/selectors.ts";
import { useApp, useCommands, useImageUrl } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { copyImage } from "../../ui/copy-image.ts";
import { copyText } from "../../ui/copy-text.ts";
import { pictureWithBoxes } from "./draw-boxes.ts";

/** Registers the copy commands: of the selected element, and of the whole picture. */
export function useCopyCommands(): void {
  const commands = useCommands();
  // Nothing is copied from an image that another screen hides.
  const image = useApp((state) => (state.screen.current === "image" ? currentImage(state) : undefined));
  const selected = useApp(selectedDetection);
  const elements = useApp(visibleElements).items;
  const url = useImageUrl(image?.id ?? "");

  const copy = (what: string, text: (element: Detection) => string) => () => {
    if (selected === undefined) return;
    const code = text(selected);
    void copyText(code).then((copied) =>
      commands.undoing.say(copied ? `Copied ${what}` : `The browser refused to copy. The text is: ${code}`),
    );
  };
  const copyPicture = () => {
    if (image === undefined) return;
    copyImage(pictureWithBoxes(url, image, elements)).then(
      () => commands.undoing.say(`Copied the image with ${plural(elements.length, "element")}`),
      (error: unknown) => commands.report(error, "Copy image"),
    );
  };
  const blocked = image === undefined || selected === undefined ? "Select an element first." : undefined;
  useRegisteredCommands([
    {
      ...catalogue.copyJson,
      blocked,
      run: copy("the box as JSON", (element) => (image === undefined ? "" : elementJson(element, image))),
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
