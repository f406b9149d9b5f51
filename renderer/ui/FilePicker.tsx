import { type ReactNode, useRef } from "react";

interface FilePickerProps {
  /** Names it for screen readers. */
  readonly label: string;
  readonly accept?: string;
  /** One file, several, or all files of a folder. */
  readonly choose?: "one" | "several" | "folder";
  readonly testId?: string;
  readonly onFiles: (files: readonly File[]) => void;
  /** Draws what opens the system's dialog. */
  readonly children: (open: () => void) => ReactNode;
}

/** Lets the user choose files of the disk. */
export function FilePicker({ label, accept, choose = "several", testId, onFiles, children }: FilePickerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {children(() => input.current?.click())}
      <input
        ref={(element) => {
          input.current = element;
          // React has no property for it, and it is in no standard, but every browser knows it.
          if (choose === "folder") element?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        hidden
        multiple={choose !== "one"}
        accept={accept}
        aria-label={label}
        data-testid={testId}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          // Choosing the same file again must count as a change.
          target.value = "";
          onFiles(files);
        }}
      />
    </>
  );
}
