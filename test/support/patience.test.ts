import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { repositoryRoot } from "./repository.ts";

/** Ways to wait for a length of time or to give up after one; "${limits...}" and conditions are what tests use instead. */
const fixedWaits =
  /waitForTimeout\(|vi\.waitFor\(|\bsleep\(\s*\d|setTimeout\([^;]*,\s*[1-9][\d_]*\)|\btimeout: \d|^\s*\}, [\d_]+\);/m;

it("is asked for in one place: no test waits for, or gives up after, a fixed time of its own", () => {
  const tests = readdirSync(path.join(repositoryRoot, "test"), { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(test|spec)\.tsx?$/.test(file),
  );
  expect(tests.length).toBeGreaterThan(100);
  const source = (file: string): string => readFileSync(path.join(repositoryRoot, "test", file), "utf8");
  expect(tests.filter((file) => fixedWaits.test(source(file)))).toEqual([]);
});

it.each([
  ["await page.waitForTimeout", "(400);"],
  ["await vi.waitFor", "(() => check());"],
  ["await sleep", "(20);"],
  ["await new Promise((resolve) => setTimeout", "(resolve, 100));"],
  ["await expect(box).toBeVisible({ timeout:", " 60_000 });"],
  ["it('works', async () => {\n", "}, 60_000);"],
])("would be noticed: %s", (begin, end) => {
  expect(fixedWaits.test(begin + end)).toBe(true);
});
