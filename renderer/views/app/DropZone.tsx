import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { HoloscopeError } from "../../../app/contract/index.ts";
import { useCommands } from "../../store/use-app.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./DropZone.module.css";

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes("Files");
}

function isFolder(item: DataTransferItem): boolean {
  return item.webkitGetAsEntry()?.isDirectory === true;
}

/** The whole window takes dropped files and shows so while they hover over it. */
export function DropZone({ children }: { readonly children: ReactNode }) {
  const commands = useCommands();
  const [over, setOver] = useState(false);
  // Enter and leave also come for every child that is crossed: only their balance tells when the window is left.
  const depth = useRef(0);

  const onDrop = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    const files: File[] = [];
    for (const item of event.dataTransfer.items) {
      const file = item.kind === "file" ? item.getAsFile() : null;
      if (file === null) continue;
      if (isFolder(item)) commands.report(folderError(file.name));
      else files.push(file);
    }
    void commands.openFiles(files);
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
            <p className={styles.title}>Drop to detect</p>
            <p>One or many screenshots: PNG, JPEG, WebP, GIF or AVIF</p>
          </div>
        </div>
      )}
    </div>
  );
}

function folderError(name: string): HoloscopeError {
  return new HoloscopeError("BAD_REQUEST", `"${name}" is a folder.`, "Drop the image files in it instead.");
}
