import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "../support/repository.ts";

const upstream = path.join(repositoryRoot, "native/build/llama.cpp/tools/mtmd/clip.cpp");
const there = existsSync(upstream);
if (!there) console.warn("Patch tests are skipped: llama.cpp's sources are unpacked by `npm run build:native`.");

/** Two of the texts that are looked for. */
const graph = "builder = std::make_unique<clip_graph_qwen2vl>(ctx, img);";
const inputs = "// pw * ph = number of tokens output by ViT after apply patch merger";

describe.skipIf(!there)("the patch of llama.cpp's clip.cpp", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-patch-"));
  const source = path.join(folder, "clip.cpp");
  const patched = path.join(folder, "clip_patched.cpp");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function patch(text: string) {
    rmSync(patched, { force: true });
    writeFileSync(source, text);
    const defines = { CLIP_SOURCE: source, CLIP_PATCHED: patched, LLAMA_RELEASE: "v9.9" };
    return spawnSync(
      "cmake",
      [
        ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
        "-P",
        path.join(repositoryRoot, "native/patch-clip.cmake"),
      ],
      { encoding: "utf8" },
    );
  }

  it("changes four places and nothing else", () => {
    const text = readFileSync(upstream, "utf8");
    expect(patch(text).status).toBe(0);
    const lines = new Set(text.split("\n"));
    const added = readFileSync(patched, "utf8")
      .split("\n")
      .filter((line) => !lines.has(line));
    expect(added.map((line) => line.trim())).toEqual([
      "const bool flash = flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED && sinks == nullptr && kq_mask == nullptr;",
      "if (flash && vit_cpu_attention_takes(q_cur, k_cur, v_cur)) {",
      "ggml_tensor * own = vit_cpu_attention(ctx0, q_cur, k_cur, v_cur, kq_scale);",
      "cur = ggml_reshape_2d(ctx0, own, own->ne[0]*own->ne[1], own->ne[2]*own->ne[3]);",
      "} else if (flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED) {",
      "builder = vit_qwen2vl_graph(ctx, img, ctx->model.hparams);",
      "ggml_cgraph * gf = kept_graph_find(ctx, imgs);",
      "if (gf == nullptr) {",
      "gf = kept_graph_store(ctx, imgs, clip_get_graph_builder(ctx, imgs, params)->build());",
      "if (vit_set_windowed_inputs(gf, hparams, image_size_width, image_size_height)) { break; }",
    ]);
    const restored = readFileSync(patched, "utf8")
      .replace("vit_qwen2vl_graph(ctx, img, ctx->model.hparams)", "std::make_unique<clip_graph_qwen2vl>(ctx, img)")
      .replace(/^ *ggml_cgraph \* gf = kept_graph_find.*\n.*gf == nullptr.*\n/m, "")
      .replace("    gf = kept_graph_store(ctx, imgs, clip_get", "    ggml_cgraph * gf = clip_get")
      .replace(
        "->build());\n    ggml_backend_sched_alloc_graph(ctx->sched.get(), gf);\n    }\n",
        "->build();\n    ggml_backend_sched_alloc_graph(ctx->sched.get(), gf);\n",
      )
      .replace(/^ *if \(vit_set_windowed_inputs.*\n/m, "")
      .replace(/^ *const bool flash = [^}]*\} else if /m, "    if ");
    expect(restored).toBe(text);
  });

  it.each([
    ["has gone", (text: string) => text.replace(graph, "")],
    ["stands there twice", (text: string) => text.replace(graph, `${graph} ${graph}`)],
    ["is another", (text: string) => text.replace(inputs, "// something else")],
  ])("stops the build when a text %s", (_, change) => {
    const { status, stderr } = patch(change(readFileSync(upstream, "utf8")));
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/llama.cpp v9\.9 has changed/);
    expect(existsSync(patched)).toBe(false);
  });
});
