import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { droppedFiles } from "../../store/dropped-files.ts";
import { useCommands } from "../../store/use-app.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./DropZone.module.css";

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes("Files");
}

/** The whole window takes dropped files and shows so while they hover over it. */
export function DropZone({ children }: { readonly children: ReactNode }) {
  const commands = useCommands();
  const [over, setOver] = useState(false);
  // Enter and leave also come for every child that is crossed: only their balance tells when the window is left.
  const depth = useRef(0);

  const take = async (drop: ReturnType<typeof droppedFiles>) => {
    try {
      const { files, folders } = await drop;
      await commands.intake.take(files);
      for (const { name, files: below } of folders) await commands.intake.take(below, name);
    } catch (error) {
      commands.report(error, "Dropped folder");
    }
  };
  const onDrop = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    void take(droppedFiles(event.dataTransfer.items));
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of three ways; Open and paste need no pointer.
    <div
      data-testid="drop-zone"
      onDragEnter={(event) => {
        if (!carriesFiles(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDragLeave={(event) => {
        if (!carriesFiles(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      }}
      onDrop={onDrop}
    >
      {children}
      {over && (
        <div className={styles.overlay}>
          <div className={styles.frame}>
            <Icon name="image" />
            <p className={styles.title}>Drop to open</p>
            <p>Screenshots (PNG, JPEG, WebP, GIF, AVIF), a folder of them, or run files of Holoscope</p>
          </div>
        </div>
      )}
    </div>
  );
}
