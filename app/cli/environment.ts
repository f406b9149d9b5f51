import type { Host } from "../host/types.ts";
import type { Terminal } from "./terminal.ts";

/** What a command needs from outside; tests give a fake host and a recording terminal. */
export interface Environment {
  readonly terminal: Terminal;
  openHost(door: "desktop" | "browser"): Promise<Host>;
  /** Calls back at Ctrl-C or a request to end; returns the function that stops listening. */
  onInterrupt(listener: () => void): () => void;
  /** Asks the user for a line; absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<string>;
}
