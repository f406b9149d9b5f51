/** The beginning of a text that has at most so many bytes in UTF-8, without half a character at its end. */
export function withinBytes(text: string, most: number): string {
  const bytes = new TextEncoder().encode(text.slice(0, most));
  return new TextDecoder().decode(bytes.slice(0, most), { stream: true });
}
