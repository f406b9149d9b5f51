#include "devices.hpp"

std::string device_of(ggml_backend_buffer_type_t type) {
    ggml_backend_dev_t device = ggml_backend_buft_is_host(type)
                                    ? ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU)
                                    : ggml_backend_buft_get_device(type);
    return device != nullptr ? ggml_backend_dev_name(device) : ggml_backend_buft_name(type);
}
