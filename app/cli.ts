#!/usr/bin/env node
import { processEnvironment } from "./cli/process-environment.ts";
import { runCli } from "./cli/program.ts";

/** How long what is left of a finished command may keep the process alive, in ms. */
const leaveMs = 2000;

// The reader of our output is gone (`holoscope ... | head`): nothing that is still written can be seen.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), processEnvironment());
setTimeout(() => process.exit(), leaveMs).unref();
