import type { HoloscopeClient, HoloscopeError } from "../../app/contract/index.ts";
import type { Connection } from "../logic/engine-summary.ts";

/** What the window needs of its door beyond the contract's client. */
export interface WindowClient extends HoloscopeClient {
  /** Path of a chosen file on the disk; empty in a browser, which tells no page. */
  pathOf(file: File): string;
  /** Calls back with the present state at once and then on each change. Returns the function that ends it. */
  onConnection(listener: (connection: Connection) => void): () => void;
  /** Reports messages that could not be read; they are dropped, never half-used. Returns the function that ends it. */
  onProblem(listener: (error: HoloscopeError) => void): () => void;
}
