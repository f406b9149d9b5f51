# Writes CLIP_PATCHED, a copy of llama.cpp's tools/mtmd/clip.cpp (CLIP_SOURCE) in which the choice of Qwen2.5-VL's graph, the
# setting of its inputs, flash attention on a CPU, and the building of a graph for each image go through native/src/vit. Each replaced text must stand in the source exactly once.
# Also runs alone: cmake -DCLIP_SOURCE=... -DCLIP_PATCHED=... -DLLAMA_RELEASE=... -P patch-clip.cmake
function(holoscope_patch text replacement)
  string(FIND "${CLIP_TEXT}" "${text}" first)
  string(FIND "${CLIP_TEXT}" "${text}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "llama.cpp ${LLAMA_RELEASE} has changed: ${CLIP_SOURCE} does not hold exactly once:\n${text}\n"
      "Fit native/patch-clip.cmake and native/src/vit to it.")
  endif()
  string(REPLACE "${text}" "${replacement}" patched "${CLIP_TEXT}")
  set(CLIP_TEXT "${patched}" PARENT_SCOPE)
endfunction()

file(READ ${CLIP_SOURCE} CLIP_TEXT)
holoscope_patch([[
    ggml_backend_sched_reset(ctx->sched.get());
    ggml_cgraph * gf = clip_get_graph_builder(ctx, imgs, params)->build();
    ggml_backend_sched_alloc_graph(ctx->sched.get(), gf);

    // set inputs]] [[
    ggml_cgraph * gf = kept_graph_find(ctx, imgs);
    if (gf == nullptr) {
    ggml_backend_sched_reset(ctx->sched.get());
    gf = kept_graph_store(ctx, imgs, clip_get_graph_builder(ctx, imgs, params)->build());
    ggml_backend_sched_alloc_graph(ctx->sched.get(), gf);
    }

    // set inputs]])
holoscope_patch([[builder = std::make_unique<clip_graph_qwen2vl>(ctx, img);]]
  [[builder = vit_qwen2vl_graph(ctx, img, ctx->model.hparams);]])
holoscope_patch([[
        case PROJECTOR_TYPE_YOUTUVL:
            {
                // pw * ph = number of tokens output by ViT after apply patch merger]] [[
        case PROJECTOR_TYPE_YOUTUVL:
            {
                if (vit_set_windowed_inputs(gf, hparams, image_size_width, image_size_height)) { break; }
                // pw * ph = number of tokens output by ViT after apply patch merger]])
holoscope_patch([[
    if (flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED) {
        ggml_tensor * v = ggml_permute(ctx0, v_cur, 0, 2, 1, 3);]] [[
    const bool flash = flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED && sinks == nullptr && kq_mask == nullptr;
    if (flash && vit_cpu_attention_takes(q_cur, k_cur, v_cur)) {
        ggml_tensor * own = vit_cpu_attention(ctx0, q_cur, k_cur, v_cur, kq_scale);
        cur = ggml_reshape_2d(ctx0, own, own->ne[0]*own->ne[1], own->ne[2]*own->ne[3]);
    } else if (flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED) {
        ggml_tensor * v = ggml_permute(ctx0, v_cur, 0, 2, 1, 3);]])
file(CONFIGURE OUTPUT ${CLIP_PATCHED} CONTENT "@CLIP_TEXT@" @ONLY)
