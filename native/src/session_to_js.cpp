#include "session_to_js.hpp"

#include <cstring>

namespace {

Napi::Array memory_items_to_js(Napi::Env env, const std::vector<MemoryItem> & items) {
    Napi::Array out = Napi::Array::New(env, items.size());
    for (size_t i = 0; i < items.size(); i++) {
        Napi::Object item = Napi::Object::New(env);
        item.Set("device", items[i].device);
        item.Set("model", items[i].model);
        item.Set("kvCache", items[i].kv_cache);
        item.Set("compute", items[i].compute);
        out.Set(static_cast<uint32_t>(i), item);
    }
    return out;
}

Napi::Array shape_to_js(Napi::Env env, const std::array<int64_t, GGML_MAX_DIMS> & shape) {
    Napi::Array out = Napi::Array::New(env, shape.size());
    for (size_t i = 0; i < shape.size(); i++) {
        out.Set(static_cast<uint32_t>(i), static_cast<double>(shape[i]));
    }
    return out;
}

Napi::Array operands_to_js(Napi::Env env, const std::vector<NodeOperand> & operands) {
    Napi::Array out = Napi::Array::New(env, operands.size());
    for (size_t i = 0; i < operands.size(); i++) {
        Napi::Object item = Napi::Object::New(env);
        item.Set("name", operands[i].name);
        item.Set("type", operands[i].type);
        item.Set("shape", shape_to_js(env, operands[i].shape));
        out.Set(static_cast<uint32_t>(i), item);
    }
    return out;
}

Napi::Float32Array floats_to_js(Napi::Env env, const std::vector<float> & values) {
    Napi::Float32Array out = Napi::Float32Array::New(env, values.size());
    std::memcpy(out.Data(), values.data(), values.size() * sizeof(float));
    return out;
}

} // namespace

Napi::Value model_info_to_js(Napi::Env env, ModelInfo & info) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("description", info.description);
    out.Set("architecture", info.architecture);
    out.Set("projector", info.projector);
    out.Set("parameters", info.parameters);
    out.Set("modelBytes", info.model_bytes);
    out.Set("layers", info.layers);
    if (info.layers_on_gpu) {
        out.Set("layersOnGpu", *info.layers_on_gpu);
    }
    out.Set("contextLengthTrained", info.context_length_trained);
    out.Set("vocabularySize", info.vocabulary_size);
    out.Set("usesMrope", info.uses_mrope);
    out.Set("encoderDevice", info.encoder_device);
    return out;
}

Napi::Value encoded_to_js(Napi::Env env, Encoded & encoded) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("vit", encoded.path.windowed ? "windowed" : "upstream");
    out.Set("cpuAttention", encoded.path.cpu_attention);
    out.Set("reused", encoded.reused);
    out.Set("graphKept", encoded.graph_kept);
    if (encoded.input) {
        Napi::Object tensor = Napi::Object::New(env);
        tensor.Set("width", encoded.input->width);
        tensor.Set("height", encoded.input->height);
        tensor.Set("data", floats_to_js(env, encoded.input->data));
        out.Set("input", tensor);
    }
    if (!encoded.output.empty()) {
        out.Set("output", floats_to_js(env, encoded.output));
    }
    return out;
}

Napi::Value prompt_size_to_js(Napi::Env env, PromptSize & size) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("imageTokens", size.image_tokens);
    out.Set("textTokens", size.text_tokens);
    out.Set("positions", size.positions);
    return out;
}

Napi::Value prefill_times_to_js(Napi::Env env, PrefillTimes & times) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("imageMs", times.image_ms);
    out.Set("textMs", times.text_ms);
    if (times.reuse != Reuse::none) {
        Napi::Object reuse = Napi::Object::New(env);
        reuse.Set("kind", times.reuse == Reuse::kv_prefix ? "kvPrefix" : "embeddings");
        reuse.Set("bytes", times.reused_bytes);
        reuse.Set("restoreMs", times.restore_ms);
        out.Set("reuse", reuse);
    }
    return out;
}

Napi::Value tokens_to_js(Napi::Env env, std::vector<Token> & tokens) {
    Napi::Array out = Napi::Array::New(env, tokens.size());
    for (size_t i = 0; i < tokens.size(); i++) {
        const Token & token = tokens[i];
        Napi::Object item = Napi::Object::New(env);
        Napi::Uint8Array bytes = Napi::Uint8Array::New(env, token.bytes.size());
        std::memcpy(bytes.Data(), token.bytes.data(), token.bytes.size());
        item.Set("id", token.id);
        item.Set("bytes", bytes);
        item.Set("logProb", token.log_prob);
        item.Set("overruled", token.overruled);
        out.Set(static_cast<uint32_t>(i), item);
    }
    return out;
}

Napi::Value generated_to_js(Napi::Env env, Generated & result) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("tokens", result.tokens);
    out.Set("finish", result.finish);
    out.Set("calls", result.calls);
    out.Set("proposed", result.proposed);
    out.Set("accepted", result.accepted);
    out.Set("jumps", result.jumps);
    return out;
}

Napi::Value node_profile_to_js(Napi::Env env, std::vector<NodeTimes> & nodes) {
    Napi::Array out = Napi::Array::New(env, nodes.size());
    for (size_t i = 0; i < nodes.size(); i++) {
        const NodeTimes & node = nodes[i];
        Napi::Object item = Napi::Object::New(env);
        item.Set("stage", node.stage);
        item.Set("name", node.name);
        item.Set("op", node.op);
        item.Set("type", node.type);
        item.Set("device", node.device);
        item.Set("shape", shape_to_js(env, node.shape));
        item.Set("operands", operands_to_js(env, node.operands));
        item.Set("runs", node.runs);
        item.Set("ms", node.ms);
        out.Set(static_cast<uint32_t>(i), item);
    }
    return out;
}

Napi::Value memory_to_js(Napi::Env env, const MemoryReport & report) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("languageModel", memory_items_to_js(env, report.language_model));
    out.Set("visionEncoder", memory_items_to_js(env, report.vision_encoder));
    out.Set("keptImages", report.kept_images);
    return out;
}
