#include "vit/cpu_attention.hpp"
#include "vit/qwen25vl_windowed.hpp"

#include "clip_patched.cpp" // upstream's translation unit with three places changed by CMakeLists.txt

#include "encoder_hooks.hpp"

#include <cstring>

ggml_backend_dev_t encoder_hook_device(const clip_ctx * encoder) {
    return ggml_backend_get_device(encoder->backend);
}

std::map<ggml_backend_dev_t, EncoderMemory> encoder_hook_memory(const clip_ctx * encoder) {
    std::map<ggml_backend_dev_t, EncoderMemory> memory;
    for (const auto & [device, bytes] : encoder->mem_usage) {
        memory[device].weights += bytes;
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

std::unique_ptr<PaddedFfn> encoder_hook_pad_ffn(const clip_ctx * encoder, FfnPadding wanted, size_t spare) {
    const clip_model & model = encoder->model;
    const bool windowed = encoder->proj_type() == PROJECTOR_TYPE_QWEN25VL; // no other graph uses them
    if (wanted == FfnPadding::off || !windowed || !PaddedFfn::would_help(model)) {
        return nullptr;
    }
    if (wanted == FfnPadding::automatic) {
        ggml_backend_dev_t device = ggml_backend_get_device(encoder->backend);
        if (std::strcmp(ggml_backend_reg_name(ggml_backend_dev_backend_reg(device)), "CUDA") != 0) {
            return nullptr;
        }
        size_t free = 0, total = 0;
        ggml_backend_dev_memory(device, &free, &total);
        if (free < PaddedFfn::bytes(model) + spare) {
            return nullptr;
        }
    }
    return PaddedFfn::make(model, encoder->backend);
}

void encoder_hook_cpu_execution(clip_ctx * encoder, ggml_threadpool * pool, ggml_abort_callback abort, void * data) {
    ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(ggml_backend_get_device(encoder->backend_cpu));
    // The CPU backend is a shared library chosen at run time, hence by name.
    if (auto set_pool = reinterpret_cast<decltype(&ggml_backend_cpu_set_threadpool)>(
            ggml_backend_reg_get_proc_address(registry, "ggml_backend_cpu_set_threadpool"))) {
        set_pool(encoder->backend_cpu, pool);
    }
    if (auto set_abort = reinterpret_cast<ggml_backend_set_abort_callback_t>(
            ggml_backend_reg_get_proc_address(registry, "ggml_backend_set_abort_callback"))) {
        set_abort(encoder->backend_cpu, abort, data);
    }
}
