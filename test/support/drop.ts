import type { Page } from "@playwright/test";

export interface DroppedFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly type: string;
}

/** Drops files on the window as a user does: a DataTransfer with real bytes. */
export async function dropFiles(page: Page, files: readonly DroppedFile[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    (given) => {
      const data = new DataTransfer();
      for (const { name, base64, type } of given) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
      }
      return data;
    },
    files.map(({ name, bytes, type }) => ({ name, base64: bytes.toString("base64"), type })),
  );
  const zone = page.getByTestId("drop-zone").first();
  for (const event of ["dragenter", "dragover", "drop"]) await zone.dispatchEvent(event, { dataTransfer: transfer });
}
