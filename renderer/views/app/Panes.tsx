import { useApp, useCommands } from "../../store/use-app.tsx";
import { SidePanel } from "../side-panel/SidePanel.tsx";
import { TimingsView } from "../timings/TimingsView.tsx";
import { Pane } from "./Pane.tsx";

/** Results beside the screenshot and timings below it, as large as the user left them. */
export function Panes() {
  const { window } = useCommands();
  const { sideOpen, sideWidth, timingsOpen, timingsHeight } = useApp((state) => state.prefs);
  return (
    <>
      <Pane
        edge="left"
        label="Width of the results"
        open={sideOpen}
        size={sideWidth}
        min={220}
        maxShare={0.6}
        testId="side-splitter"
        onChange={({ open = sideOpen, size = sideWidth }) => window.remember({ sideOpen: open, sideWidth: size })}
      >
        <SidePanel />
      </Pane>
      <Pane
        edge="top"
        label="Height of the timings"
        open={timingsOpen}
        size={timingsHeight}
        min={80}
        maxShare={0.5}
        testId="timings-splitter"
        onChange={({ open = timingsOpen, size = timingsHeight }) =>
          window.remember({ timingsOpen: open, timingsHeight: size })
        }
      >
        <TimingsView />
      </Pane>
    </>
  );
}
