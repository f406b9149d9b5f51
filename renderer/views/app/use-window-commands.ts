import { catalogue } from "../../logic/commands/catalogue.ts";
import type { UserCommand } from "../../logic/commands/registry.ts";
import { currentActiveRun, currentImage } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { copyText } from "../../ui/copy-text.ts";
import { isWide } from "./WideScreen.tsx";

const noImage = "Open a screenshot first.";

/** Registers the commands that belong to the window as a whole. */
export function useWindowCommands(): void {
  const commands = useCommands();
  const images = useApp((state) => state.images);
  const image = useApp(currentImage);
  const active = useApp(currentActiveRun);
  const selected = useApp((state) => state.view.selectedIds.length > 0);
  const screen = useApp((state) => state.screen.current);
  const { currentId } = images;
  const at = currentId === undefined ? -1 : images.order.indexOf(currentId);
  const goTo = (step: number) => {
    const id = images.order[(at + step + images.order.length) % images.order.length];
    if (id !== undefined) commands.selectImage(id);
  };
  const several = images.order.length > 1 && screen === "image" ? undefined : "There is no other screenshot.";
  // Keys must not close or change a screenshot that a wide screen covers.
  const covered = useApp((state) => isWide(state.screen.current));
  const needsImage = currentId === undefined ? noImage : covered ? "Go back to the screenshot first." : undefined;
  useRegisteredCommands([
    {
      ...catalogue.closeImage,
      blocked: needsImage,
      run: () => currentId !== undefined && commands.closeImage(currentId),
    },
    {
      ...catalogue.deleteImage,
      blocked: needsImage,
      run: () => image !== undefined && void commands.kept.askImage(image),
    },
    { ...catalogue.nextImage, blocked: several, run: () => goTo(1) },
    { ...catalogue.previousImage, blocked: several, run: () => goTo(-1) },
    ...images.order.map(
      (id): UserCommand => ({
        id: `image-${id}`,
        title: `Go to ${images.byId[id]?.name ?? "pasted image"}`,
        group: "File",
        words: "screenshot",
        paletteOnly: true,
        blocked: id === currentId ? "It is shown." : undefined,
        run: () => commands.selectImage(id),
      }),
    ),
    {
      ...catalogue.deselect,
      blocked: selected ? undefined : "Nothing is selected.",
      run: () => commands.selection.select(undefined),
    },
    // After `deselect`: Escape stops a running detection first.
    {
      ...catalogue.cancel,
      blocked: active === undefined ? "Nothing is running." : undefined,
      run: () => active !== undefined && void commands.cancel(active.id),
    },
    { ...catalogue.palette, run: () => commands.window.openDialog("palette") },
    { ...catalogue.undo, run: () => void commands.undo.undo() },
    { ...catalogue.sidePanel, blocked: needsImage, run: () => commands.window.toggleSide() },
    { ...catalogue.timings, blocked: needsImage, run: () => commands.window.toggleTimings() },
    { ...catalogue.resetLayout, run: () => commands.window.resetLayout() },
    { ...catalogue.shortcuts, run: () => commands.window.openDialog("shortcuts") },
    {
      ...catalogue.diagnostics,
      run: () =>
        void commands.diagnostics().then(async (text) => {
          const copied = await copyText(text);
          commands.undo.say(copied ? "Diagnostics copied" : "The browser refused to copy the diagnostics.");
        }),
    },
  ]);
}
