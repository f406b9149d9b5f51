// Questions to ggml about devices.
#pragma once

#include "ggml-backend.h"

#include <string>

// Whether ggml knows a GPU, dedicated or integrated.
bool has_gpu_device();

// ggml's name of the device that holds a buffer. Memory-mapped and pinned host buffers have types of their own, but all
// of them are main memory.
std::string device_of(ggml_backend_buffer_type_t type);
