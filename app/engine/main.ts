import { openNative } from "../../native/index.ts";
import { openPort } from "./port.ts";
import { EngineProgram } from "./program.ts";

/** The program of the engine process: owns the model, decodes images, detects, streams. */

/** How long the model may take to be freed when the host is gone; then the process ends anyway. ms */
const closeWithinMs = 2000;

const port = openPort();
const program = new EngineProgram((message) => port.send(message), openNative);

port.onMessage((message) => void program.receive(message));
port.onClose(() => {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), closeWithinMs);
  void program.close().finally(() => process.exit(0));
});
