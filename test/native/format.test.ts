import { readFileSync } from "node:fs";
import path from "node:path";
import { format } from "@wasm-fmt/clang-format";
import { expect, it } from "vitest";
import { filesBelow } from "../../native/patch.ts";
import { repositoryRoot } from "../support/repository.ts";

const style = readFileSync(path.join(repositoryRoot, ".clang-format"), "utf8");
const sources = ["native/src", "test/bench"]
  .flatMap((folder) => filesBelow(path.join(repositoryRoot, folder)))
  .filter((file) => /\.[ch]pp$/.test(file))
  .map((file) => path.relative(repositoryRoot, file));

it.each(sources)("%s is formatted", (file) => {
  const text = readFileSync(path.join(repositoryRoot, file), "utf8").replaceAll("\r\n", "\n");
  expect(format(text, file, style), `run: npx clang-format -i ${file}`).toBe(text);
});

it("a file that is not would be found (negative control)", () => {
  expect(format("int  main( ){return 0 ;}\n", "control.cpp", style)).toBe("int main() {\n    return 0;\n}\n");
});
