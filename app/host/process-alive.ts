import { systemCode } from "./storage-error.ts";

/** Whether a process of this machine has the id, whoever owns it. */
export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}
