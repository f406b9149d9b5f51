#include "vit/cpu_attention.hpp"

#include "vit/vit_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#if defined(HOLOSCOPE_X86_KERNELS)
void attention_avx2(const AttentionBlock & block);
void attention_avx512(const AttentionBlock & block);
#elif defined(HOLOSCOPE_NEON_KERNEL)
void attention_neon(const AttentionBlock & block);
#endif

namespace {

constexpr float LOG2_E = 1.44269504f;

char * row_of(const ggml_tensor * tensor, int64_t head, int64_t patch, int64_t image) {
    return static_cast<char *>(tensor->data) + head * tensor->nb[1] + patch * tensor->nb[2] + image * tensor->nb[3];
}

void compute(ggml_tensor * out, int, int threads, void * data) {
    auto & node = *static_cast<AttentionNode *>(data);
    const ggml_tensor *q = out->src[0], *k = out->src[1], *v = out->src[2];
    const int64_t heads = q->ne[1], patches = q->ne[2], images = q->ne[3];
    const int64_t pieces = (patches + AttentionBlock::QUERIES - 1) / AttentionBlock::QUERIES;
    const auto count = static_cast<int>(pieces * heads * images);
    for (int index = node.next++; index < count; index = node.next++) {
        const int64_t first = index % pieces * AttentionBlock::QUERIES;
        const int64_t head = index / pieces % heads, image = index / pieces / heads;
        AttentionBlock block;
        block.q = row_of(q, head, first, image);
        block.k = row_of(k, head, 0, image);
        block.v = row_of(v, head, 0, image);
        block.out = row_of(out, head, first, image);
        block.q_stride = q->nb[2];
        block.k_stride = k->nb[2];
        block.v_stride = v->nb[2];
        block.out_stride = out->nb[2];
        block.queries = static_cast<int>(std::min<int64_t>(AttentionBlock::QUERIES, patches - first));
        block.keys = static_cast<int>(k->ne[2]);
        block.width = static_cast<int>(q->ne[0]);
        block.scale = node.scale;
        node.attend(block);
    }
    if (++node.left == threads) {
        node.next = 0;
        node.left = 0;
    }
}

} // namespace

AttentionFunction cpu_attention_kernel() {
#if defined(HOLOSCOPE_X86_KERNELS)
    const char * limit = std::getenv("HOLOSCOPE_CPU_ATTENTION");
    if (__builtin_cpu_supports("avx512f") && (limit == nullptr || std::strcmp(limit, "avx2") != 0)) {
        return attention_avx512;
    }
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    return avx2 ? attention_avx2 : nullptr;
#elif defined(HOLOSCOPE_NEON_KERNEL)
    return attention_neon;
#else
    return nullptr;
#endif
}

bool vit_cpu_attention_takes(const VitState & state, const ggml_tensor * q, const ggml_tensor * k,
                             const ggml_tensor * v) {
    const auto dense = [](const ggml_tensor * tensor) { return tensor->nb[0] == ggml_type_size(tensor->type); };
    const auto halves = [](const ggml_tensor * tensor) {
        return tensor->type == GGML_TYPE_F32 || tensor->type == GGML_TYPE_F16;
    };
    const bool plain = q->type == GGML_TYPE_F32 && halves(k) && halves(v) && dense(q) && dense(k) && dense(v);
    return state.cpu_attention != nullptr && plain && q->ne[0] % 4 == 0 && q->ne[0] <= AttentionBlock::WIDEST_HEAD &&
           q->ne[2] >= VIT_FLASH_TILE_QUERIES && ggml_are_same_shape(k, v) && q->ne[0] == k->ne[0] &&
           q->ne[1] == k->ne[1] && q->ne[3] == k->ne[3];
}

ggml_tensor * vit_cpu_attention(VitState & state, ggml_context * context, ggml_tensor * q, ggml_tensor * k,
                                ggml_tensor * v, float scale) {
    AttentionNode & node = state.attention_nodes.emplace_back();
    node.attend = state.cpu_attention;
    node.scale = scale * LOG2_E;
    const auto half = [&](ggml_tensor * rows) {
        return rows->type == GGML_TYPE_F16 ? rows : ggml_cast(context, rows, GGML_TYPE_F16);
    };
    ggml_tensor * inputs[] = {q, half(k), half(v)};
    return ggml_custom_4d(context, GGML_TYPE_F32, q->ne[0], q->ne[1], q->ne[2], q->ne[3], inputs, 3, compute,
                          GGML_N_TASKS_MAX, &node);
}
