#include "clip.cpp" // upstream's translation unit, with native/patches

#include "encoder_hooks.hpp"
#include "threads.hpp"

#include <cstring>

ggml_backend_dev_t encoder_hook_device(const clip_ctx * encoder) {
    return ggml_backend_get_device(encoder->backend);
}

VitState & encoder_hook_state(clip_ctx * encoder) {
    return encoder->vit_state;
}

std::map<ggml_backend_dev_t, EncoderMemory> encoder_hook_memory(const clip_ctx * encoder) {
    std::map<ggml_backend_dev_t, EncoderMemory> memory;
    for (const auto & [device, bytes] : encoder->mem_usage) {
        memory[device].weights += bytes;
    }
    if (encoder->vit_state.padded_ffn) {
        memory[encoder_hook_device(encoder)].weights += encoder->vit_state.padded_ffn->size();
    }
    // Asked from the scheduler, since upstream's own record is not updated when a larger image makes the buffers grow.
    if (encoder->is_allocated) {
        for (ggml_backend_t backend : encoder->backend_ptrs) {
            memory[ggml_backend_get_device(backend)].compute +=
                ggml_backend_sched_get_buffer_size(encoder->sched.get(), backend);
        }
    }
    return memory;
}

void encoder_hook_pad_ffn(clip_ctx * encoder, FfnPadding wanted, size_t spare) {
    const clip_model & model = encoder->model;
    const bool windowed = encoder->proj_type() == PROJECTOR_TYPE_QWEN25VL; // no other graph uses them
    if (wanted == FfnPadding::off || !windowed || !PaddedFfn::would_help(model)) {
        return;
    }
    if (wanted == FfnPadding::automatic) {
        ggml_backend_dev_t device = encoder_hook_device(encoder);
        if (std::strcmp(ggml_backend_reg_name(ggml_backend_dev_backend_reg(device)), "CUDA") != 0) {
            return;
        }
        size_t free = 0, total = 0;
        ggml_backend_dev_memory(device, &free, &total);
        if (free < PaddedFfn::bytes(model) + spare) {
            return;
        }
    }
    encoder->vit_state.padded_ffn = PaddedFfn::make(model, encoder->backend);
}

void encoder_hook_cpu_execution(clip_ctx * encoder, ggml_threadpool * pool, ggml_abort_callback abort, void * data) {
    if (auto set_pool = reinterpret_cast<decltype(&ggml_backend_cpu_set_threadpool)>(
            cpu_backend_function("ggml_backend_cpu_set_threadpool"))) {
        set_pool(encoder->backend_cpu, pool);
    }
    if (auto set_abort = reinterpret_cast<ggml_backend_set_abort_callback_t>(
            cpu_backend_function("ggml_backend_set_abort_callback"))) {
        set_abort(encoder->backend_cpu, abort, data);
    }
}
