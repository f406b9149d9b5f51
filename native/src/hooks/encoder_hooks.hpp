// What libmtmd keeps private and Holoscope needs: on which device the vision encoder runs, how much memory it takes,
// and how its CPU part executes. The .cpp files beside this one include the upstream sources unchanged and add these
// accessors, so that a changed upstream layout is a compile error. (clip.cpp has four places changed besides: src/vit.)
#pragma once

#include "clip.h"
#include "ggml-backend.h"
#include "ggml-cpu.h"
#include "mtmd.h"

#include <cstddef>
#include <map>
#include <memory>

class PaddedFfn;

struct EncoderMemory {
    size_t weights = 0; // bytes
    size_t compute = 0; // bytes; known after the first encode
};

// The vision encoder inside an mtmd context, or nullptr.
clip_ctx * encoder_hook_vision(mtmd_context * context);

// The device that holds the encoder's weights.
ggml_backend_dev_t encoder_hook_device(const clip_ctx * encoder);

std::map<ggml_backend_dev_t, EncoderMemory> encoder_hook_memory(const clip_ctx * encoder);

enum class FfnPadding { automatic, on, off };

// Copies of the FFN weights with a rounder length (src/vit/padded_ffn.hpp), or nullptr where they are not wanted.
// `automatic`: on CUDA, where they were measured to help, if afterwards the device keeps `spare` bytes free.
std::unique_ptr<PaddedFfn> encoder_hook_pad_ffn(const clip_ctx * encoder, FfnPadding wanted, size_t spare);

// Makes the encoder's CPU backend run on `pool` (nullptr: threads of its own for every graph) and ask `abort` between
// graph nodes. Both must outlive the encoder.
void encoder_hook_cpu_execution(clip_ctx * encoder, ggml_threadpool * pool, ggml_abort_callback abort, void * data);
