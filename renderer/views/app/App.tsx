import { Tooltip } from "radix-ui";
import { useCallback, useEffect } from "react";
import { currentActiveRun, currentImage } from "../../store/selectors.ts";
import { useApp, useCommands, useMenuCommand } from "../../store/use-app.tsx";
import { copyText } from "../../ui/copy-text.ts";
import { useShortcuts } from "../../ui/use-shortcuts.ts";
import { CanvasView } from "../canvas/CanvasView.tsx";
import { EmptyView } from "../empty/EmptyView.tsx";
import { ImageStrip } from "../image-strip/ImageStrip.tsx";
import { Notices } from "../notices/Notices.tsx";
import { SidePanel } from "../side-panel/SidePanel.tsx";
import { TimingsView } from "../timings/TimingsView.tsx";
import { LocateBar } from "../top-bar/LocateBar.tsx";
import { TopBar } from "../top-bar/TopBar.tsx";
import styles from "./App.module.css";
import { DropZone } from "./DropZone.tsx";
import { LiveStatus } from "./LiveStatus.tsx";
import { usePaste } from "./use-paste.ts";

/** The window: where each view stands, and what concerns all of them. */
export function App() {
  const commands = useCommands();
  const image = useApp(currentImage);
  const active = useApp(currentActiveRun);
  const theme = useApp((state) => state.host.settings?.theme ?? "system");
  const copyDiagnostics = useCallback(() => {
    void commands.diagnostics().then(copyText);
  }, [commands]);

  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    document.title = image?.name === undefined ? "Holoscope" : `${image.name} - Holoscope`;
  }, [image?.name]);
  usePaste();
  useMenuCommand("copy-diagnostics", copyDiagnostics);
  useShortcuts({ Escape: () => (active === undefined ? commands.select(undefined) : void commands.cancel(active.id)) });

  return (
    <Tooltip.Provider delayDuration={400}>
      <DropZone>
        <div className={styles.window}>
          <TopBar />
          <ImageStrip />
          <main className={styles.centre}>
            <LocateBar />
            <Notices />
            {image === undefined ? <EmptyView /> : <CanvasView key={image.id} image={image} />}
          </main>
          <SidePanel />
          <TimingsView />
        </div>
        <LiveStatus />
      </DropZone>
    </Tooltip.Provider>
  );
}
