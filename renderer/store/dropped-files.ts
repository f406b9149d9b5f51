/** What one drop brought: loose files, and the files below each dropped folder. */
export interface DroppedFiles {
  readonly files: readonly File[];
  readonly folders: readonly { readonly name: string; readonly files: readonly File[] }[];
}

/**
 * Reads a drop. The entries must be taken before the event handler returns (the browser empties the list then), so
 * call it in the handler itself. Hidden files and folders are left out; files come in the order of their paths.
 */
export function droppedFiles(items: Iterable<DataTransferItem>): Promise<DroppedFiles> {
  const loose: File[] = [];
  const folders: FileSystemDirectoryEntry[] = [];
  for (const item of items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry();
    if (isFolder(entry)) folders.push(entry);
    else {
      const file = item.getAsFile();
      if (file !== null) loose.push(file);
    }
  }
  return (async () => {
    const read = await Promise.all(
      folders.map(async (folder) => ({ name: folder.name, files: await filesBelow(folder) })),
    );
    return { files: loose, folders: read };
  })();
}

function isFolder(entry: FileSystemEntry | null): entry is FileSystemDirectoryEntry {
  return entry?.isDirectory === true;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

async function filesBelow(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const files: File[] = [];
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith(".")) continue;
    if (isFolder(entry)) files.push(...(await filesBelow(entry)));
    else if (isFile(entry)) files.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
  }
  return files;
}

/** All entries of a folder by name; the browser hands them out in portions. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) break;
    all.push(...portion);
  }
  return all.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}
