import type { HoloscopeClient, HoloscopeError } from "../../app/contract/index.ts";

/** Whether events from the host reach the window. */
export type Connection = "connecting" | "open" | "lost";

/** What the window needs of its door beyond the contract's client. */
export interface WindowClient extends HoloscopeClient {
  /** Where a chosen file lies on the disk; empty where the door must not know. */
  pathOf(file: File): string;
  /** Calls back with the present state at once and then on each change. Returns the function that ends it. */
  onConnection(listener: (connection: Connection) => void): () => void;
  /** Reports messages that could not be read; they are dropped, never half-used. Returns the function that ends it. */
  onProblem(listener: (error: HoloscopeError) => void): () => void;
}
