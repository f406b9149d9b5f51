// Copies of the encoder's FFN weights with rows and columns of zeros up to a round length.
//
// Qwen2.5-VL's FFN is 3,420 wide. Rows of 3,420 half-precision numbers do not begin at multiples of 16 bytes, and for
// those cuBLAS has only slower kernels: on one H200 the same encoder takes 0.6 times the time for its FFN products with
// 3,456. The zeros change no result: a padded value is silu(0) * 0, and is then multiplied by 0.
#pragma once

#include "clip-model.h"
#include "ggml-cpp.h"

#include <memory>
#include <vector>

struct PaddedFfnLayer {
    ggml_tensor *up_w, *up_b, *gate_w, *gate_b; // [n_embd, padded] and [padded]
    ggml_tensor * down_w;                       // [padded, n_embd]
};

class PaddedFfn {
  public:
    // Whether padding speeds these weights up: half precision, gated, and a length that is not a multiple of 8.
    static bool would_help(const clip_model & model);

    // Bytes that the copies take on the device.
    static size_t bytes(const clip_model & model);

    // Copies the weights on `backend`'s device. nullptr if it has no room for them.
    static std::unique_ptr<PaddedFfn> make(const clip_model & model, ggml_backend_t backend);

    // Bytes in use.
    size_t size() const { return ggml_backend_buffer_get_size(buffer_.get()); }

    const PaddedFfnLayer & layer(size_t index) const { return layers_[index]; }

  private:
    ggml_context_ptr context_;
    ggml_backend_buffer_ptr buffer_;
    std::vector<PaddedFfnLayer> layers_;
};
