import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { applyPatches, BuildError, filesBelow, patchFiles, patchSources } from "../../native/patch.ts";
import { repositoryRoot } from "../support/repository.ts";

const llama = path.join(repositoryRoot, "native/build/llama.cpp");
const there = existsSync(llama);
if (!there) console.warn("Patch tests are skipped: llama.cpp's sources are unpacked by `npm run build:native`.");

const clip = "tools/mtmd/clip.cpp";

/** Two of the texts that patches expect. */
const graph = "builder = std::make_unique<clip_graph_qwen2vl>(ctx, img);";
const inputs = "// pw * ph = number of tokens output by ViT after apply patch merger";

it("every patch tells its reason, as git format-patch writes it", () => {
  const patches = patchFiles();
  expect(patches.length).toBeGreaterThan(0);
  for (const [index, file] of patches.entries()) {
    expect(path.basename(file)).toMatch(new RegExp(`^000${index + 1}-[\\w.-]+\\.patch$`));
    const [header = ""] = readFileSync(file, "utf8").split("\n---\n");
    const [subject = "", ...reason] = header.slice(header.indexOf("Subject: [PATCH] ")).split("\n");
    expect(subject).toMatch(/^Subject: \[PATCH\] clip: \w/);
    expect(reason.join(" ").trim().length, `${file} gives a reason`).toBeGreaterThan(80);
  }
});

describe.skipIf(!there)("the patches of llama.cpp's libmtmd", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-patch-"));
  const source = path.join(folder, "llama.cpp");
  const patched = path.join(folder, "patched");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(source, { recursive: true, force: true });
    rmSync(patched, { recursive: true, force: true });
    cpSync(path.join(llama, "tools/mtmd"), path.join(source, "tools/mtmd"), { recursive: true });
  });

  const read = (root: string, file: string) => readFileSync(path.join(root, file), "utf8");

  /** Lines of a file's patched copy that the original has nowhere, without their indent (one added line stands there). */
  function addedLines(file: string): string[] {
    const lines = new Set(read(source, file).split("\n"));
    return read(patched, file)
      .split("\n")
      .filter((line) => !lines.has(line))
      .map((line) => line.trim());
  }

  it("change these places and nothing else", () => {
    patchSources(source, patched, "v9.9");
    expect(addedLines(clip)).toEqual([
      '#include "vit/cpu_attention.hpp"',
      '#include "vit/qwen25vl_windowed.hpp"',
      '#include "vit/vit_state.hpp"',
      "VitState vit_state;",
      "flash_attn_type(ctx->flash_attn_type),",
      "vit_state(ctx->vit_state) {",
      "vit_state.begin_graph();",
      "flash_attn_type(parent.flash_attn_type),",
      "vit_state(parent.vit_state) {",
      "if (flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED && kq_mask == nullptr && sinks == nullptr &&",
      "vit_cpu_attention_takes(vit_state, q_cur, k_cur, v_cur)) {",
      "cur = vit_cpu_attention(vit_state, ctx0, q_cur, k_cur, v_cur, kq_scale);",
      "} else if (flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED) {",
      "builder = vit_qwen2vl_graph(ctx, img);",
      "if (vit_set_windowed_inputs(gf, hparams, image_size_width, image_size_height)) { break; }",
    ]);
    expect(addedLines("tools/mtmd/clip-graph.h")).toEqual([
      "struct VitState; // native/src/vit/vit_state.hpp",
      "VitState & vit_state;",
    ]);
    const changed = filesBelow(patched)
      .map((file) => path.relative(patched, file).replaceAll("\\", "/"))
      .filter((file) => read(patched, file) !== read(source, file));
    expect(changed).toEqual(["tools/mtmd/clip-graph.h", clip]);

    applyPatches(patched, "v9.9", "reverse");
    for (const file of changed) expect(read(patched, file)).toBe(read(source, file));
  });

  it.each([
    ["has gone", graph, (text: string) => text.replace(graph, ""), "0002"],
    ["stands there twice", graph, (text: string) => text.replace(graph, `${graph} ${graph}`), "0002"],
    ["is another", inputs, (text: string) => text.replace(inputs, "// something else"), "0002"],
    ["has another line beside it", "", (text: string) => text.replace("clip_model model;", "clip_model it;"), "0001"],
  ])("stop the build when a text %s", (_, text, change, number) => {
    const before = read(source, clip);
    expect(before).toContain(text);
    writeFileSync(path.join(source, clip), change(before));
    const attempt = () => patchSources(source, patched, "v9.9");
    expect(attempt).toThrow(BuildError);
    expect(attempt).toThrow(new RegExp(`native/patches/${number}-.*\\.patch does not fit llama\\.cpp v9\\.9`));
    expect(attempt).toThrow(/native\/patches\/README\.md/);
    expect(existsSync(patched)).toBe(false);
  });

  it("leave the files alone that are right already, and put back those that are not", () => {
    patchSources(source, patched, "v9.9");
    const all = filesBelow(patched);
    const times = () => new Map(all.map((file) => [file, statSync(file).mtimeMs]));
    const before = times();
    const spoilt = path.join(patched, clip);
    writeFileSync(spoilt, "spoilt");
    writeFileSync(path.join(patched, "tools/mtmd/left-over.cpp"), "");
    patchSources(source, patched, "v9.9");
    expect(filesBelow(patched)).toEqual(all);
    expect(read(patched, clip)).toContain("vit_state");
    before.delete(spoilt);
    const after = times();
    after.delete(spoilt);
    expect(after).toEqual(before);
  });
});
