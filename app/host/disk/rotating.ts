import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { privateFile, privateFolder } from "./atomic.ts";

/**
 * A log file of limited size: when full it becomes `<name>.old` and a new one begins. Never throws: a full disk must
 * not stop the application because of its log. Lines are written at once, so that the last ones survive a crash.
 */
export class RotatingFile {
  readonly path: string;
  readonly #maxBytes: number;
  #descriptor: number | undefined;
  #bytes = 0;

  /** `maxBytes` is the size at which the file is renamed and a new one begun. */
  constructor(file: string, maxBytes: number) {
    this.path = file;
    this.#maxBytes = maxBytes;
    this.#open();
  }

  /** The file that was renamed last. */
  get oldPath(): string {
    return `${this.path}.old`;
  }

  write(line: string): void {
    if (this.#bytes >= this.#maxBytes) this.#rotate();
    if (this.#descriptor === undefined) return;
    try {
      this.#bytes += writeSync(this.#descriptor, line);
    } catch {
      // Disk full or the folder is gone: this line is lost, the application goes on.
    }
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  #open(): void {
    try {
      mkdirSync(path.dirname(this.path), { recursive: true, mode: privateFolder });
      this.#descriptor = openSync(this.path, "a", privateFile);
      this.#bytes = fstatSync(this.#descriptor).size;
    } catch {
      this.#descriptor = undefined;
    }
  }

  #rotate(): void {
    this.close();
    try {
      renameSync(this.path, this.oldPath);
    } catch {
      // The file could not be renamed: it goes on growing, which is better than losing lines.
    }
    this.#open();
  }
}
