import type { Reporter, TestCase } from "vitest/node";

/**
 * Names every test that passed only when it was tried again, with what it said at first: one try more keeps a rare race from
 * costing a whole run, and must not hide it.
 */
export default class Retried implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    const [error] = test.result().errors ?? [];
    console.log(` RETRIED ${test.module.relativeModuleId} > ${test.fullName}\n${error?.stack ?? error?.message ?? ""}`);
  }
}
