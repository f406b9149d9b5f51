#include "vit/padded_ffn.hpp"

#include <cstring>

namespace {

constexpr int64_t ROUND = 64;  // what lengths are rounded up to
constexpr int64_t ALIGNED = 8; // half-precision numbers in 16 bytes

int64_t padded_length(const clip_model & model) {
    return (model.layers[0].ff_up_w->ne[1] + ROUND - 1) / ROUND * ROUND;
}

// Copies `source` [columns, rows] into the upper left corner of `target`, with zeros elsewhere. By way of main memory,
// which is fast enough for once a load.
void copy_padded(const ggml_tensor * source, ggml_tensor * target) {
    std::vector<uint8_t> from(ggml_nbytes(source)), to(ggml_nbytes(target), 0);
    ggml_backend_tensor_get(source, from.data(), 0, from.size());
    for (int64_t row = 0; row < source->ne[1]; row++) {
        std::memcpy(to.data() + static_cast<size_t>(row) * target->nb[1],
                    from.data() + static_cast<size_t>(row) * source->nb[1], ggml_row_size(source->type, source->ne[0]));
    }
    ggml_backend_tensor_set(target, to.data(), 0, to.size());
}

} // namespace

bool PaddedFfn::would_help(const clip_model & model) {
    if (model.layers.empty()) {
        return false;
    }
    for (const clip_layer & layer : model.layers) {
        for (const ggml_tensor * weight : {layer.ff_up_w, layer.ff_gate_w, layer.ff_down_w}) {
            if (weight == nullptr || weight->type != GGML_TYPE_F16) {
                return false;
            }
        }
        if (layer.ff_up_b == nullptr || layer.ff_gate_b == nullptr || layer.ff_up_w->ne[1] % ALIGNED == 0) {
            return false;
        }
    }
    return true;
}

size_t PaddedFfn::bytes(const clip_model & model) {
    const int64_t length = padded_length(model);
    size_t sum = 0;
    for (const clip_layer & layer : model.layers) {
        const auto width = static_cast<size_t>(layer.ff_up_w->ne[0]);
        sum += ggml_row_size(layer.ff_down_w->type, length) * width;
        sum += ggml_row_size(layer.ff_up_w->type, layer.ff_up_w->ne[0]) * static_cast<size_t>(length) * 2;
        sum += ggml_row_size(layer.ff_up_b->type, length) * 2;
    }
    return sum;
}

std::unique_ptr<PaddedFfn> PaddedFfn::make(const clip_model & model, ggml_backend_t backend) {
    const int64_t length = padded_length(model);
    auto padded = std::make_unique<PaddedFfn>();
    constexpr size_t TENSORS = 5; // a layer
    padded->context_.reset(ggml_init({ggml_tensor_overhead() * TENSORS * model.layers.size(), nullptr, true}));
    ggml_context * context = padded->context_.get();
    for (const clip_layer & layer : model.layers) {
        const auto rows = [&](const ggml_tensor * weight) {
            return ggml_new_tensor_2d(context, weight->type, weight->ne[0], length);
        };
        const auto values = [&](const ggml_tensor * bias) { return ggml_new_tensor_1d(context, bias->type, length); };
        ggml_tensor * down = ggml_new_tensor_2d(context, layer.ff_down_w->type, length, layer.ff_down_w->ne[1]);
        padded->layers_.push_back(
            {rows(layer.ff_up_w), values(layer.ff_up_b), rows(layer.ff_gate_w), values(layer.ff_gate_b), down});
        // Operator times tell by a weight's name what it is for.
        const PaddedFfnLayer & made = padded->layers_.back();
        ggml_set_name(made.up_w, layer.ff_up_w->name);
        ggml_set_name(made.up_b, layer.ff_up_b->name);
        ggml_set_name(made.gate_w, layer.ff_gate_w->name);
        ggml_set_name(made.gate_b, layer.ff_gate_b->name);
        ggml_set_name(made.down_w, layer.ff_down_w->name);
    }
    padded->buffer_.reset(ggml_backend_alloc_ctx_tensors(context, backend));
    if (!padded->buffer_) {
        return nullptr;
    }
    ggml_backend_buffer_set_usage(padded->buffer_.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    for (size_t i = 0; i < model.layers.size(); i++) {
        const clip_layer & layer = model.layers[i];
        const PaddedFfnLayer & made = padded->layers_[i];
        copy_padded(layer.ff_up_w, made.up_w);
        copy_padded(layer.ff_up_b, made.up_b);
        copy_padded(layer.ff_gate_w, made.gate_w);
        copy_padded(layer.ff_gate_b, made.gate_b);
        copy_padded(layer.ff_down_w, made.down_w);
    }
    return padded;
}
