// What libmtmd keeps private and Holoscope needs: on which device the vision encoder runs, how much memory it takes,
// how its CPU part executes, and the state that our patches add to it. The .cpp files beside this one include
// upstream's sources and add these functions, so that a changed upstream layout is a compile error.
#pragma once

#include "clip.h"
#include "ggml-backend.h"
#include "ggml-cpu.h"
#include "mtmd.h"

#include <cstddef>
#include <map>

struct VitState;

struct EncoderMemory {
    size_t weights = 0; // bytes
    size_t compute = 0; // bytes; known after the first encode
};

// The vision encoder inside an mtmd context, or nullptr.
clip_ctx * encoder_hook_vision(mtmd_context * context);

// The device that holds the encoder's weights.
ggml_backend_dev_t encoder_hook_device(const clip_ctx * encoder);

// How the encoder's graphs are built (src/vit/vit_state.hpp). Lives as long as the encoder.
VitState & encoder_hook_state(clip_ctx * encoder);

// By device, with the padded weights of encoder_hook_pad_ffn().
std::map<ggml_backend_dev_t, EncoderMemory> encoder_hook_memory(const clip_ctx * encoder);

enum class FfnPadding { automatic, on, off };

// Gives the encoder's state copies of the FFN weights with a rounder length (src/vit/padded_ffn.hpp), where they are
// wanted. `automatic`: on CUDA, where they were measured to help, if the device keeps `spare` bytes free afterwards.
void encoder_hook_pad_ffn(clip_ctx * encoder, FfnPadding wanted, size_t spare);

// Makes the encoder's CPU backend run on `pool` (nullptr: threads of its own for every graph) and ask `abort` between
// graph nodes. Both must outlive the encoder.
void encoder_hook_cpu_execution(clip_ctx * encoder, ggml_threadpool * pool, ggml_abort_callback abort, void * data);
