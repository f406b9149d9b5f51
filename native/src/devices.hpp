// Which device holds a buffer.
#pragma once

#include "ggml-backend.h"

#include <string>

// ggml's name of the device. Memory-mapped and pinned host buffers have types of their own, but all are main memory.
std::string device_of(ggml_backend_buffer_type_t type);
