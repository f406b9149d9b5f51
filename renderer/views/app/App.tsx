import { Tooltip } from "radix-ui";
import { useEffect } from "react";
import { currentImage } from "../../store/selectors.ts";
import { useApp } from "../../store/use-app.tsx";
import { CanvasView } from "../canvas/CanvasView.tsx";
import { useCopyCommands } from "../elements/use-copy.ts";
import { EmptyView } from "../empty/EmptyView.tsx";
import { ImageStrip } from "../image-strip/ImageStrip.tsx";
import { Notices } from "../notices/Notices.tsx";
import { Toasts } from "../toasts/Toasts.tsx";
import { LocateBar } from "../top-bar/LocateBar.tsx";
import { TopBar } from "../top-bar/TopBar.tsx";
import styles from "./App.module.css";
import { DropZone } from "./DropZone.tsx";
import { LiveStatus } from "./LiveStatus.tsx";
import { OpenDialog } from "./OpenDialog.tsx";
import { Panes } from "./Panes.tsx";
import { useCommandKeys } from "./use-command-keys.ts";
import { usePaste } from "./use-paste.ts";
import { useTheme } from "./use-theme.ts";
import { useWindowCommands } from "./use-window-commands.ts";
import { isWide, WideScreen } from "./WideScreen.tsx";

/** The window: where each view stands, and what concerns all of them. */
export function App() {
  const image = useApp(currentImage);
  const screen = useApp((state) => state.screen.current);
  useEffect(() => {
    document.title = image?.name === undefined ? "Holoscope" : `${image.name} - Holoscope`;
  }, [image?.name]);
  usePaste();
  useTheme();
  useWindowCommands();
  useCopyCommands();
  useCommandKeys();

  return (
    <Tooltip.Provider delayDuration={400}>
      <DropZone>
        <div className={styles.window}>
          <TopBar />
          {isWide(screen) ? (
            <WideScreen screen={screen} />
          ) : (
            <>
              <ImageStrip />
              <main className={styles.centre}>
                <LocateBar />
                <Notices />
                {image === undefined ? <EmptyView /> : <CanvasView key={image.id} image={image} />}
              </main>
              {image !== undefined && <Panes />}
            </>
          )}
        </div>
        <LiveStatus />
        <Toasts />
        <OpenDialog />
      </DropZone>
    </Tooltip.Provider>
  );
}
