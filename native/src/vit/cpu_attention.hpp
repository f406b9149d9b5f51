// Attention of a vision encoder that runs on a CPU, with our own kernel in place of ggml's FLASH_ATTN_EXT. Keys and values
// are half floats and all else is f32, as in ggml's tiled kernel, so that the answers are the same; but no key is
// rearranged for each tile of queries. On 2 cores of an AMD EPYC with AVX-512 it takes half of ggml's time for 3,680
// patches (resources/docs/bench.md). CMake puts the call of vit_cpu_attention() into a copy of llama.cpp's clip.cpp (see
// CMakeLists.txt).
#pragma once

#include "ggml.h"

// ggml's tiled kernel takes so many queries and more (ggml_fa_tile_config::Q in ggml-cpu/common.h); what has fewer is
// computed one by one there, with sums in half floats.
constexpr int VIT_FLASH_TILE_QUERIES = 64;

// Whether graphs built from now on use it; at first they do not, and never where there is no kernel for the processor:
// x86-64 with AVX2, FMA and F16C or with AVX-512 F (HOLOSCOPE_CPU_ATTENTION=avx2 in the environment keeps to the former), or
// 64-bit Arm; none with MSVC. Only for an encoder whose graph runs on the CPU as a whole, and not while a graph built
// before is still computed.
void vit_use_cpu_attention(bool wanted);

// What earlier graphs needed for it is given back: for when a new graph is built, and those before are not computed again.
void vit_begin_cpu_attention();

// Whether a graph built since vit_begin_cpu_attention() uses it anywhere.
bool vit_used_cpu_attention();

// Whether attention of these can be computed by it: wanted, q f32, k and v f32 or f16, each [width of a head, heads,
// patches, images] in any strides with dense rows, the width a multiple of 4 up to 128, and enough patches for ggml's tiles.
bool vit_cpu_attention_takes(const ggml_tensor * q, const ggml_tensor * k, const ggml_tensor * v);

// Attention of what vit_cpu_attention_takes(), or of the windows of it. k and v are rounded to f16 where they are f32.
// Out: the shape of q, dense.
ggml_tensor * vit_cpu_attention(ggml_context * context, ggml_tensor * q, ggml_tensor * k, ggml_tensor * v, float scale);
