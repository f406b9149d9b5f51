#include "vit/qwen25vl_windowed.hpp"

#include "encoder_hooks.hpp"
#include "vit/vit_state.hpp"
#include "vit/window_shapes.hpp"

#include <string>

namespace {

constexpr const char * ORDER = "holoscope_window_order";     // input: window_order()
constexpr const char * INVERSE = "holoscope_window_inverse"; // input: its inverse, each cell's place in that order
constexpr int MERGE = 2;                                     // patches per side of a merged cell
constexpr int CELL = MERGE * MERGE;
constexpr int DEFAULT_WINDOW = 112; // px; upstream's default for files that do not say

// Cells per side of a full window.
int window_side(const clip_hparams & hparams) {
    const int window = hparams.attn_window_size > 0 ? hparams.attn_window_size : DEFAULT_WINDOW;
    return window / hparams.patch_size / MERGE;
}

// The architecture is that of upstream's clip_graph_qwen2vl::build() (llama.cpp, tools/mtmd/models/qwen2vl.cpp). What
// differs is the order of the patches, the attention of windowed layers, and how the patches of a still image are made.
struct clip_graph_qwen25vl_windowed : clip_graph_qwen2vl {
    const bool on_cpu;

    clip_graph_qwen25vl_windowed(clip_ctx * ctx, const clip_image_f32 & image)
        : clip_graph_qwen2vl(ctx, image),
          on_cpu(ggml_backend_dev_type(encoder_hook_device(ctx)) == GGML_BACKEND_DEVICE_TYPE_CPU) {
        vit_state.is_windowed = true;
    }

    ggml_tensor * index_input(const char * name, int64_t count) {
        ggml_tensor * input = ggml_new_tensor_1d(ctx0, GGML_TYPE_I32, count);
        ggml_set_name(input, name);
        ggml_set_input(input);
        return input;
    }

    // The first layer is a convolution over two frames, which are equal for a still image: both of its kernels see the
    // same patches, so these are made once. Result: [columns, rows, n_embd].
    ggml_tensor * still_patches() {
        if (n_batch != 1) {
            return build_inp_with_temporal_merge();
        }
        const auto kernel_rows = [&](ggml_tensor * kernel) { // [values of a patch, n_embd]
            return ggml_reshape_2d(ctx0, kernel, kernel->ne[0] * kernel->ne[1] * kernel->ne[2], kernel->ne[3]);
        };
        ggml_tensor * kernel = model.patch_embeddings_0;
        // The type that ggml_conv_2d chooses.
        const ggml_type type = kernel->type == GGML_TYPE_BF16 ? GGML_TYPE_F32 : GGML_TYPE_F16;
        ggml_tensor * patches =
            ggml_im2col(ctx0, kernel, build_inp_raw(), patch_size, patch_size, 0, 0, 1, 1, true, type);
        patches = ggml_reshape_2d(ctx0, patches, patches->ne[0], n_patches);
        ggml_tensor * cur = ggml_add(ctx0, ggml_mul_mat(ctx0, patches, kernel_rows(kernel)),
                                     ggml_mul_mat(ctx0, patches, kernel_rows(model.patch_embeddings_1)));
        return ggml_reshape_3d(ctx0, cur, n_patches_x, n_patches_y, n_embd);
    }

    // Puts the patches of a merged cell side by side. Result: [n_embd, patches], cells in reading order.
    ggml_tensor * cells_together(ggml_tensor * patches) {
        ggml_tensor * cur = ggml_permute(ctx0, patches, 1, 2, 0, 3); // [w, h, c] -> [c, w, h]
        cur = ggml_cont_4d(ctx0, cur, n_embd * MERGE, n_patches_x / MERGE, MERGE, n_patches_y / MERGE);
        cur = ggml_permute(ctx0, cur, 0, 2, 1, 3);
        return ggml_cont_2d(ctx0, cur, n_embd, n_patches);
    }

    // Whole cells in the given order. `patches` and the result: [n_embd, patches].
    ggml_tensor * reorder(ggml_tensor * patches, ggml_tensor * order) {
        ggml_tensor * cells = ggml_reshape_2d(ctx0, patches, n_embd * CELL, n_patches / CELL);
        return ggml_reshape_2d(ctx0, ggml_get_rows(ctx0, cells, order), n_embd, n_patches);
    }

    bool uses_own_kernel(const ggml_tensor * q, const ggml_tensor * k, const ggml_tensor * v) const {
        return flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED && vit_cpu_attention_takes(vit_state, q, k, v);
    }

    // Whether windows of this many patches are too small for ggml's tiled CPU kernel, although upstream's attention
    // over the whole image would use it. The kernel for few queries adds up in half floats, unless keys and values are
    // floats.
    bool leaves_tiles(int64_t patches) const {
        return on_cpu && patches < VIT_FLASH_TILE_QUERIES && n_patches >= VIT_FLASH_TILE_QUERIES;
    }

    // Attention inside the windows of one shape. q, k, v: [d_head, n_head, patches], of which those from `first` on
    // belong to these windows. Result: [d_head * n_head, patches of these windows]. `piece` makes the nodes' names
    // unique, which operator times need to tell them apart.
    ggml_tensor * attend(ggml_tensor * q, ggml_tensor * k, ggml_tensor * v, const WindowShape & shape, int64_t first,
                         size_t piece, int il) {
        const auto named = [&](ggml_tensor * node, const char * name) {
            cb(node, (name + std::to_string(piece)).c_str(), il);
            return node;
        };
        const int64_t patches = static_cast<int64_t>(shape.cells()) * CELL;
        const int64_t windows = shape.windows();
        const auto view = [&](ggml_tensor * all) { // [d_head, n_head, patches, windows]
            return ggml_view_4d(ctx0, all, d_head, n_head, patches, windows, all->nb[1], all->nb[2],
                                all->nb[2] * patches, all->nb[2] * first);
        };
        if (uses_own_kernel(q, k, v)) {
            ggml_tensor * out = vit_cpu_attention(vit_state, ctx0, view(q), view(k), view(v), kq_scale);
            return ggml_reshape_2d(ctx0, named(out, "kqv_window_"), n_embd, patches * windows);
        }
        q = ggml_permute(ctx0, view(q), 0, 2, 1, 3);
        k = ggml_permute(ctx0, view(k), 0, 2, 1, 3);
        if (flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED) {
            v = ggml_permute(ctx0, view(v), 0, 2, 1, 3);
            if (leaves_tiles(patches)) {
                k = ggml_cast(ctx0, k, GGML_TYPE_F32);
                v = ggml_cast(ctx0, v, GGML_TYPE_F32);
            }
            ggml_tensor * out = ggml_flash_attn_ext(ctx0, q, k, v, nullptr, kq_scale, 0.0f, 0.0f);
            ggml_flash_attn_ext_set_prec(out, GGML_PREC_F32);
            return ggml_reshape_2d(ctx0, named(out, "kqv_window_"), n_embd, patches * windows);
        }
        v = named(ggml_cont(ctx0, ggml_permute(ctx0, view(v), 1, 2, 0, 3)), "v_window_");
        ggml_tensor * kq = named(ggml_mul_mat(ctx0, k, q), "kq_window_");
        kq = named(ggml_soft_max_ext(ctx0, kq, nullptr, kq_scale, 0.0f), "kq_soft_max_window_");
        ggml_tensor * out = named(ggml_mul_mat(ctx0, v, kq), "kqv_window_");
        out = ggml_cont_2d(ctx0, ggml_permute(ctx0, out, 0, 2, 1, 3), n_embd, patches * windows);
        return named(out, "kqv_merged_window_");
    }

    ggml_tensor * windowed_attention(const clip_layer & layer, ggml_tensor * q, ggml_tensor * k, ggml_tensor * v,
                                     const std::vector<WindowShape> & shapes, int il) {
        if (flash_attn_type == CLIP_FLASH_ATTN_TYPE_ENABLED) {
            k = ggml_cast(ctx0, k, GGML_TYPE_F16);
            v = ggml_cast(ctx0, v, GGML_TYPE_F16);
        }
        // Added together, as upstream does: the graph then has fewer splits where two devices share it.
        for (ggml_tensor * input : {q, k, v}) {
            ggml_build_forward_expand(gf, input);
        }
        std::vector<ggml_tensor *> parts;
        int64_t first = 0;
        for (const WindowShape & shape : shapes) {
            parts.push_back(attend(q, k, v, shape, first, parts.size(), il));
            first += static_cast<int64_t>(shape.cells()) * shape.windows() * CELL;
        }
        // From the end, so that the largest part (the full windows, which come first) is copied only once.
        ggml_tensor * out = parts.back();
        for (size_t i = parts.size() - 1; i-- > 0;) {
            out = ggml_concat(ctx0, parts[i], out, 1);
        }
        cb(out, "kqv_out", il);
        out = build_mm(layer.o_w, out);
        return layer.o_b == nullptr ? out : ggml_add(ctx0, out, layer.o_b);
    }

    ggml_tensor * project(ggml_tensor * weight, ggml_tensor * bias, ggml_tensor * input) {
        ggml_tensor * out = ggml_add(ctx0, build_mm(weight, input), bias);
        return ggml_reshape_3d(ctx0, out, d_head, n_head, n_patches);
    }

    ggml_tensor * rotate(ggml_tensor * heads, ggml_tensor * positions) {
        int sections[4] = {d_head / 4, d_head / 4, d_head / 4, d_head / 4};
        return ggml_rope_multi(ctx0, heads, positions, nullptr, d_head / 2, sections, GGML_ROPE_TYPE_VISION, 32768,
                               10000, 1, 0, 1, 32, 1);
    }

    ggml_cgraph * build() override {
        GGML_ASSERT(model.patch_bias == nullptr && model.class_embedding == nullptr);
        GGML_ASSERT(n_patches_x % MERGE == 0 && n_patches_y % MERGE == 0);
        const PaddedFfn * padded = vit_state.padded_ffn.get();
        const std::vector<WindowShape> shapes =
            window_shapes(n_patches_x / MERGE, n_patches_y / MERGE, window_side(hparams));
        ggml_tensor * positions = index_input("positions", static_cast<int64_t>(n_patches) * 4); // M-RoPE: 4 a patch
        ggml_tensor * order = index_input(ORDER, n_patches / CELL);
        ggml_tensor * inverse = index_input(INVERSE, n_patches / CELL);

        ggml_tensor * inpL = cells_together(still_patches());
        if (model.pre_ln_w != nullptr) {
            inpL = build_norm(inpL, model.pre_ln_w, model.pre_ln_b, NORM_TYPE_RMS, eps, -1);
        }
        inpL = reorder(inpL, order);

        for (int il = 0; il < n_layer; il++) {
            const clip_layer & layer = model.layers[static_cast<size_t>(il)];
            ggml_tensor * cur = build_norm(inpL, layer.ln_1_w, layer.ln_1_b, NORM_TYPE_RMS, eps, il);
            cb(cur, "ln1", il);
            ggml_tensor * q = rotate(project(layer.q_w, layer.q_b, cur), positions);
            ggml_tensor * k = rotate(project(layer.k_w, layer.k_b, cur), positions);
            ggml_tensor * v = project(layer.v_w, layer.v_b, cur);
            cb(q, "Qcur_rope", il);
            cb(k, "Kcur_rope", il);
            cb(v, "Vcur", il);
            const bool full = (il + 1) % hparams.n_wa_pattern == 0;
            cur = full ? build_attn(layer.o_w, layer.o_b, q, k, v, nullptr, kq_scale, il)
                       : windowed_attention(layer, q, k, v, shapes, il);
            cb(cur, "attn_out", il);
            cur = ggml_add(ctx0, cur, inpL);
            inpL = cur;
            cb(cur, "ffn_inp", il);
            cur = build_norm(cur, layer.ln_2_w, layer.ln_2_b, NORM_TYPE_RMS, eps, il);
            cb(cur, "ffn_inp_normed", il);
            const PaddedFfnLayer ffn = padded != nullptr ? padded->layer(static_cast<size_t>(il))
                                                         : PaddedFfnLayer{layer.ff_up_w, layer.ff_up_b, layer.ff_gate_w,
                                                                          layer.ff_gate_b, layer.ff_down_w};
            cur = build_ffn(cur, ffn.up_w, ffn.up_b, ffn.gate_w, ffn.gate_b, ffn.down_w, layer.ff_down_b,
                            hparams.ffn_op, il);
            cb(cur, "ffn_out", il);
            inpL = ggml_add(ctx0, inpL, cur);
            cb(inpL, "layer_out", il);
        }
        if (model.post_ln_w != nullptr) {
            inpL = build_norm(inpL, model.post_ln_w, model.post_ln_b, NORM_TYPE_RMS, eps, n_layer);
        }
        ggml_tensor * embeddings = ggml_reshape_2d(ctx0, inpL, n_embd * CELL, n_patches / CELL);
        embeddings = build_ffn(embeddings, model.mm_0_w, model.mm_0_b, nullptr, nullptr, model.mm_1_w, model.mm_1_b,
                               FFN_GELU, -1);
        ggml_build_forward_expand(gf, ggml_get_rows(ctx0, embeddings, inverse));
        return gf;
    }
};

} // namespace

std::unique_ptr<clip_graph> vit_qwen2vl_graph(clip_ctx * ctx, const clip_image_f32 & img) {
    // A pattern of 0 or 1 means that no layer is windowed.
    if (encoder_hook_state(ctx).windowed && clip_get_hparams(ctx)->n_wa_pattern > 1) {
        return std::make_unique<clip_graph_qwen25vl_windowed>(ctx, img);
    }
    return std::make_unique<clip_graph_qwen2vl>(ctx, img);
}

bool vit_set_windowed_inputs(ggml_cgraph * graph, const clip_hparams & hparams, int width, int height) {
    ggml_tensor * order_input = ggml_graph_get_tensor(graph, ORDER);
    if (order_input == nullptr) {
        return false;
    }
    const int grid_width = width / hparams.patch_size / MERGE;
    const int grid_height = height / hparams.patch_size / MERGE;
    const std::vector<int32_t> order = window_order(grid_width, grid_height, window_side(hparams));
    std::vector<int32_t> inverse(order.size());
    const size_t patches = order.size() * CELL;
    std::vector<int32_t> positions(patches * 4); // y, x, y, x: one row each
    for (size_t place = 0; place < order.size(); place++) {
        const int32_t cell = order[place];
        inverse[static_cast<size_t>(cell)] = static_cast<int32_t>(place);
        for (int patch = 0; patch < CELL; patch++) {
            const int32_t y = cell / grid_width * MERGE + patch / MERGE;
            const int32_t x = cell % grid_width * MERGE + patch % MERGE;
            const size_t at = place * CELL + static_cast<size_t>(patch);
            for (size_t row = 0; row < 4; row++) {
                positions[row * patches + at] = row % 2 == 0 ? y : x;
            }
        }
    }
    const auto set = [&](ggml_tensor * input, const std::vector<int32_t> & values) {
        GGML_ASSERT(input != nullptr && ggml_nelements(input) == static_cast<int64_t>(values.size()));
        ggml_backend_tensor_set(input, values.data(), 0, ggml_nbytes(input));
    };
    set(order_input, order);
    set(ggml_graph_get_tensor(graph, INVERSE), inverse);
    set(ggml_graph_get_tensor(graph, "positions"), positions);
    return true;
}
