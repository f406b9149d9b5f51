#include "session_to_js.hpp"

#include <cstring>

namespace {

// A typed array with a copy of a vector's or string's values.
template <class Array, class Values> Array numbers_to_js(Napi::Env env, const Values & values) {
    Array out = Array::New(env, values.size());
    std::memcpy(out.Data(), values.data(), values.size() * sizeof(values[0]));
    return out;
}

Napi::Value memory_item_to_js(Napi::Env env, const MemoryItem & item) {
    return object_to_js(env, "device", item.device, "model", item.model, "kvCache", item.kv_cache, "compute",
                        item.compute);
}

Napi::Array shape_to_js(Napi::Env env, const std::array<int64_t, GGML_MAX_DIMS> & shape) {
    return list_to_js(env, shape, [](Napi::Env, int64_t size) { return static_cast<double>(size); });
}

Napi::Value operand_to_js(Napi::Env env, const NodeOperand & operand) {
    return object_to_js(env, "name", operand.name, "type", operand.type, "shape", shape_to_js(env, operand.shape));
}

Napi::Value node_to_js(Napi::Env env, const NodeTimes & node) {
    return object_to_js(env, "stage", node.stage, "name", node.name, "op", node.op, "type", node.type, "device",
                        node.device, "shape", shape_to_js(env, node.shape), "operands",
                        list_to_js(env, node.operands, operand_to_js), "runs", node.runs, "ms", node.ms);
}

Napi::Value token_to_js(Napi::Env env, const Token & token) {
    return object_to_js(env, "id", token.id, "bytes", numbers_to_js<Napi::Uint8Array>(env, token.bytes), "logProb",
                        token.log_prob, "overruled", token.overruled);
}

} // namespace

Napi::Value to_js(Napi::Env env, const Nothing &) {
    return env.Undefined();
}

Napi::Value to_js(Napi::Env env, const ModelInfo & info) {
    Napi::Object out =
        object_to_js(env, "description", info.description, "architecture", info.architecture, "parameters",
                     info.parameters, "modelBytes", info.model_bytes, "layers", info.layers);
    if (info.layers_on_gpu) {
        out.Set("layersOnGpu", *info.layers_on_gpu);
    }
    out.Set("contextLengthTrained", info.context_length_trained);
    out.Set("vocabularySize", info.vocabulary_size);
    out.Set("usesMrope", info.uses_mrope);
    out.Set("encoderDevice", info.encoder_device);
    return out;
}

Napi::Value to_js(Napi::Env env, const Encoded & encoded) {
    Napi::Object out = object_to_js(env, "vit", encoded.path.windowed ? "windowed" : "upstream", "cpuAttention",
                                    encoded.path.cpu_attention, "reused", encoded.reused);
    if (encoded.input) {
        out.Set("input", object_to_js(env, "width", encoded.input->width, "height", encoded.input->height, "data",
                                      numbers_to_js<Napi::Float32Array>(env, encoded.input->data)));
    }
    if (!encoded.output.empty()) {
        out.Set("output", numbers_to_js<Napi::Float32Array>(env, encoded.output));
    }
    return out;
}

Napi::Value to_js(Napi::Env env, const PromptSize & size) {
    return object_to_js(env, "imageTokens", size.image_tokens, "textTokens", size.text_tokens, "positions",
                        size.positions);
}

Napi::Value to_js(Napi::Env env, const PrefillTimes & times) {
    Napi::Object out = object_to_js(env, "imageMs", times.image_ms, "textMs", times.text_ms);
    if (times.reuse != Reuse::none) {
        out.Set("reuse", object_to_js(env, "kind", times.reuse == Reuse::kv_prefix ? "kvPrefix" : "embeddings", "bytes",
                                      times.reused_bytes, "restoreMs", times.restore_ms));
    }
    return out;
}

Napi::Value tokens_to_js(Napi::Env env, std::vector<Token> & tokens) {
    return list_to_js(env, tokens, token_to_js);
}

Napi::Value to_js(Napi::Env env, const Generated & result) {
    return object_to_js(env, "tokens", result.tokens, "finish", result.finish, "calls", result.calls, "proposed",
                        result.proposed, "accepted", result.accepted, "jumps", result.jumps);
}

Napi::Value to_js(Napi::Env env, const std::vector<NodeTimes> & nodes) {
    return list_to_js(env, nodes, node_to_js);
}

Napi::Value to_js(Napi::Env env, const MemoryReport & report) {
    return object_to_js(env, "languageModel", list_to_js(env, report.language_model, memory_item_to_js),
                        "visionEncoder", list_to_js(env, report.vision_encoder, memory_item_to_js), "keptImages",
                        report.kept_images);
}
