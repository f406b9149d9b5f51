#include "device_test.hpp"

#include "failure.hpp"

#include "ggml-backend.h"
#include "ggml.h"

#include <memory>
#include <vector>

namespace {

constexpr int COUNT = 64;
constexpr float FACTOR = 3.0f;

[[noreturn]] void refuse(ggml_backend_dev_t device, const char * what) {
    fail("NATIVE_MISSING", "%s (%s) %s. Update its driver, or choose another backend.", ggml_backend_dev_name(device),
         ggml_backend_dev_description(device), what);
}

void test_device(ggml_backend_dev_t device) {
    std::unique_ptr<ggml_backend, decltype(&ggml_backend_free)> backend(ggml_backend_dev_init(device, nullptr),
                                                                        ggml_backend_free);
    if (!backend) {
        refuse(device, "cannot be started");
    }
    const ggml_init_params params{ggml_tensor_overhead() * 4 + ggml_graph_overhead(), nullptr, /* no_alloc */ true};
    std::unique_ptr<ggml_context, decltype(&ggml_free)> context(ggml_init(params), ggml_free);
    ggml_tensor * input = ggml_new_tensor_1d(context.get(), GGML_TYPE_F32, COUNT);
    ggml_tensor * output = ggml_scale(context.get(), input, FACTOR);
    ggml_cgraph * graph = ggml_new_graph(context.get());
    ggml_build_forward_expand(graph, output);
    std::unique_ptr<ggml_backend_buffer, decltype(&ggml_backend_buffer_free)> buffer(
        ggml_backend_alloc_ctx_tensors(context.get(), backend.get()), ggml_backend_buffer_free);
    if (!buffer) {
        refuse(device, "has no free memory");
    }
    std::vector<float> values(COUNT);
    for (int i = 0; i < COUNT; i++) {
        values[static_cast<size_t>(i)] = static_cast<float>(i);
    }
    ggml_backend_tensor_set(input, values.data(), 0, ggml_nbytes(input));
    if (ggml_backend_graph_compute(backend.get(), graph) != GGML_STATUS_SUCCESS) {
        refuse(device, "cannot compute");
    }
    ggml_backend_tensor_get(output, values.data(), 0, ggml_nbytes(output));
    for (int i = 0; i < COUNT; i++) {
        if (values[static_cast<size_t>(i)] != FACTOR * static_cast<float>(i)) {
            refuse(device, "computes wrongly");
        }
    }
}

// Returns whether there was one.
bool test_devices_of(enum ggml_backend_dev_type type) {
    bool found = false;
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        ggml_backend_dev_t device = ggml_backend_dev_get(i);
        if (ggml_backend_dev_type(device) == type) {
            test_device(device);
            found = true;
        }
    }
    return found;
}

} // namespace

void test_gpu_devices() {
    // llama.cpp uses integrated GPUs only where there is no other.
    if (!test_devices_of(GGML_BACKEND_DEVICE_TYPE_GPU)) {
        test_devices_of(GGML_BACKEND_DEVICE_TYPE_IGPU);
    }
}
