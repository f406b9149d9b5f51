#include "vit/cpu_attention.hpp"
#include "vit/kept_graph.hpp"
#include "vit/qwen25vl_windowed.hpp"

#include "clip_patched.cpp" // upstream's translation unit with four places changed by CMakeLists.txt

#include "encoder_hooks.hpp"

#include <cstring>

namespace {

struct KeptGraph {
    const clip_ctx * encoder = nullptr;
    int width = 0, height = 0; // px
    size_t images = 0;
    ggml_cgraph * graph = nullptr; // lies in the encoder's own memory, which the next graph takes over
};

KeptGraph kept;
bool kept_used = false;

} // namespace

ggml_cgraph * kept_graph_find(const clip_ctx * ctx, const clip_image_f32_batch & images) {
    const clip_image_f32 & first = images.entries[0];
    kept_used = kept.graph != nullptr && kept.encoder == ctx && kept.images == images.entries.size() &&
                kept.width == first.nx() && kept.height == first.ny();
    if (!kept_used) {
        kept_graph_forget();
        vit_begin_cpu_attention();
    }
    return kept.graph;
}

ggml_cgraph * kept_graph_store(const clip_ctx * ctx, const clip_image_f32_batch & images, ggml_cgraph * graph) {
    const projector_type type = ctx->proj_type(); // other encoders' graphs can depend on more than the size
    if (type == PROJECTOR_TYPE_QWEN2VL || type == PROJECTOR_TYPE_QWEN25VL || type == PROJECTOR_TYPE_QWEN3VL) {
        const clip_image_f32 & first = images.entries[0];
        kept = {ctx, first.nx(), first.ny(), images.entries.size(), graph};
    }
    return graph;
}

void kept_graph_forget() {
    kept = {};
}

bool kept_graph_used() {
    return kept_used;
}

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
