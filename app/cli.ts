#!/usr/bin/env node
import { processEnvironment } from "./cli/process-environment.ts";
import { runCli } from "./cli/program.ts";

/** ms that leftovers of a finished command may keep the process alive. */
const leaveMs = 2000;

// The reader of our output is gone (`holoscope ... | head`): nobody would see further output.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), processEnvironment());
setTimeout(() => process.exit(), leaveMs).unref();
