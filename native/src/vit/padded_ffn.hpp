// Copies of the encoder's FFN weights with rows and columns of zeros up to a round length.
//
// Qwen2.5-VL's FFN is 3,420 wide, and rows of 3,420 half-precision numbers begin at addresses that no 16 bytes divide, for
// which cuBLAS has slower kernels only: on one H200 the same encoder with 3,456 computes its FFN products in 0.6 times the
// time. Zeros change no result: a padded value is silu(0) * 0, and is multiplied by 0.
#pragma once

#include "models/models.h"

#include <memory>
#include <vector>

struct PaddedFfnLayer {
    ggml_tensor *up_w, *up_b, *gate_w, *gate_b; // [n_embd, padded] and [padded]
    ggml_tensor * down_w;                       // [padded, n_embd]
};

class PaddedFfn {
  public:
    // Whether the weights are such as gain by it: half precision, gated, and of a length that no 8 divides.
    static bool would_help(const clip_model & model);

    // bytes that the copies take on the device.
    static size_t bytes(const clip_model & model);

    // Copies the weights on the device of `backend`. nullptr if it has no room for them.
    static std::unique_ptr<PaddedFfn> make(const clip_model & model, ggml_backend_t backend);

    // bytes in use.
    size_t size() const { return ggml_backend_buffer_get_size(buffer_.get()); }

    const PaddedFfnLayer & layer(size_t index) const { return layers_[index]; }

  private:
    ggml_context_ptr context_;
    ggml_backend_buffer_ptr buffer_;
    std::vector<PaddedFfnLayer> layers_;
};
