import { openNative } from "../../native/index.ts";
import { openPort } from "./port.ts";
import { EngineProgram } from "./program.ts";

/** The program of the engine process: owns the model, decodes images, detects, streams. */

/** How long the model may take to be freed when the host is gone; then the process ends anyway. ms */
const closeWithinMs = 2000;

// Ctrl+C in a terminal reaches the engine too; the host decides what becomes of the run and ends this process.
process.on("SIGINT", () => {});

const port = openPort();
const program = new EngineProgram((message) => port.send(message), openNative);

port.onMessage((message) => void program.receive(message));
port.onClose(() => {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), closeWithinMs);
  void program.close().finally(() => process.exit(0));
});
