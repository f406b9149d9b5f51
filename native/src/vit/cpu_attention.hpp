// Attention of a vision encoder that runs on a CPU, with our own kernel in place of ggml's FLASH_ATTN_EXT: keys and values
// stay in f32, and none of them is rearranged for each tile of queries. On 2 cores of an AMD EPYC with AVX-512 it takes
// half of ggml's time for 3,680 patches (resources/docs/bench.md). CMake puts the call of vit_cpu_attention() into a copy
// of llama.cpp's clip.cpp (see CMakeLists.txt).
#pragma once

#include "ggml.h"

// Whether graphs built from now on use it; at first they do not, and never where there is no kernel for the processor:
// x86-64 with AVX2 and FMA or with AVX-512 F (HOLOSCOPE_CPU_ATTENTION=avx2 in the environment keeps to the former), or
// 64-bit Arm; none with MSVC. Only for an encoder whose graph runs on the CPU as a whole, and not while a graph built
// before is still computed.
void vit_use_cpu_attention(bool wanted);

// Whether a graph built since vit_use_cpu_attention() uses it anywhere.
bool vit_used_cpu_attention();

// Whether attention of these can be computed by it: wanted, and f32, each [width of a head, heads, patches, images] in any
// strides with dense rows, the width a multiple of 4 up to 128.
bool vit_cpu_attention_takes(const ggml_tensor * q, const ggml_tensor * k, const ggml_tensor * v);

// Attention of what vit_cpu_attention_takes(). Out: the shape of q, dense.
ggml_tensor * vit_cpu_attention(ggml_context * context, ggml_tensor * q, ggml_tensor * k, ggml_tensor * v, float scale);
