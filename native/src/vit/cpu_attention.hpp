// Attention of a vision encoder that runs on a CPU, with our own kernel in place of ggml's FLASH_ATTN_EXT. As in ggml's
// tiled kernel, keys and values are half floats and everything else is f32, so the results agree to rounding; but no
// key is rearranged for each tile of queries. On 2 cores of an AMD EPYC with AVX-512 it takes half of ggml's time for
// 3,680 patches (resources/docs/bench.md).
#pragma once

#include "vit/cpu_attention_block.hpp"

#include "ggml.h"

#include <atomic>

struct VitState;

// ggml computes attention in tiles from this many queries on (ggml_fa_tile_config::Q in ggml-cpu/common.h). With fewer
// it takes them one by one and adds up in half floats.
constexpr int VIT_FLASH_TILE_QUERIES = 64;

// One attention node of a graph, shared by the threads that compute it. They take blocks from `next` until none is
// left, because on a busy machine some threads are slower than others. The last one to leave resets both counters, so
// that the graph can run again.
struct AttentionNode {
    AttentionFunction attend = nullptr;
    float scale = 0; // of the scores, times log2(e)
    std::atomic<int> next{0}, left{0};
};

// The kernel for this processor: x86-64 with AVX2, FMA and F16C, or with AVX-512 F (not used with
// HOLOSCOPE_CPU_ATTENTION=avx2 in the environment), or 64-bit Arm. Null for other processors and with MSVC. Only for an
// encoder whose whole graph runs on the CPU.
AttentionFunction cpu_attention_kernel();

// Whether `state` has a kernel and it can compute attention of these tensors: q f32, k and v f32 or f16, each [width of
// a head, heads, patches, images] with dense rows in any strides, the width a multiple of 4 up to 128, and enough
// patches for ggml's tiles.
bool vit_cpu_attention_takes(const VitState & state, const ggml_tensor * q, const ggml_tensor * k,
                             const ggml_tensor * v);

// Attention of tensors that vit_cpu_attention_takes(), or of windows (views) of them. k and v are rounded to f16 where
// they are f32. Result: the shape of q, dense.
ggml_tensor * vit_cpu_attention(VitState & state, ggml_context * context, ggml_tensor * q, ggml_tensor * k,
                                ggml_tensor * v, float scale);
