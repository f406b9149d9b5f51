import type { Backend, BackendStatus, BackendVerdict } from "../../contract/index.ts";
import { missingLibraries } from "./driver-libraries.ts";
import { installedPackages, packageOf } from "./packages.ts";

/** What is looked up besides trying the backends; tests replace it. */
export interface BackendLookups {
  readonly missingLibraries: (backend: Backend) => Promise<readonly string[]>;
  readonly installedPackages: () => Promise<readonly string[]>;
}

export const systemLookups: BackendLookups = {
  missingLibraries: (backend) => missingLibraries(backend),
  installedPackages,
};

/** For each backend of this platform: whether it works, whether it is in use, and why it is not. */
export async function backendVerdicts(
  statuses: readonly BackendStatus[],
  chosen: Backend | undefined,
  lookups: BackendLookups,
): Promise<BackendVerdict[]> {
  const installed = await lookups.installedPackages();
  return Promise.all(
    statuses.map(async ({ backend, available, reason }): Promise<BackendVerdict> => {
      const found = packageOf(backend, installed);
      const missing = available ? [] : await lookups.missingLibraries(backend);
      const absent = available || found.installed ? [] : [`its package ${found.name} is not installed`];
      const details = [...absent, ...missing];
      const whole = details.length === 0 ? reason : `${reason.replace(/\.$/, "")}: ${details.join("; ")}.`;
      return {
        backend,
        available,
        chosen: backend === chosen,
        reason: whole,
        package: found.name,
        installed: found.installed,
        source: { kind: "probe", detail: sourceOf(available, missing.length > 0) },
      };
    }),
  );
}

function sourceOf(available: boolean, librariesMissing: boolean): string {
  if (available) return "an engine process that started with this backend";
  return librariesMissing ? "libraries looked for where the system's loader looks" : "the start of this backend";
}
