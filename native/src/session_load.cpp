// Loading: checks that need no weights come first, so that a wrong pair of files fails in milliseconds and with a
// message that says what is wrong, instead of inside llama.cpp.
#include "session.hpp"

#include "encoder_hooks.hpp"
#include "failure.hpp"
#include "gguf.hpp"
#include "log.hpp"
#include "vocabulary.hpp"

#include <algorithm>
#include <climits>
#include <cstdio>

namespace {

// So wide that libmtmd copies an image whose sides are already multiples of the model's cell, instead of scaling and
// letterboxing it into the model's usual range. The engine chooses the size.
constexpr int FEWEST_IMAGE_TOKENS = 1;
constexpr int MOST_IMAGE_TOKENS = 65536;

// bytes of GPU memory that stay free for context and compute buffers when weights are copied for speed: a context of
// 16,384 tokens and the buffers of a 4,096-token image take some 3 GB with Holo1.5-7B.
constexpr size_t SPARE_FOR_CONTEXT = 4ull << 30;

std::string projector_of(const GgufFile & mmproj) {
    const std::string projector = mmproj.text("clip.projector_type");
    return projector.empty() ? mmproj.text("clip.vision.projector_type") : projector;
}

// Width of the embeddings that the language model takes: deepstack models take several concatenated.
int64_t model_input_width(const GgufFile & model) {
    const std::string architecture = model.text("general.architecture");
    const int64_t width = model.integer(architecture + ".embedding_length", 0);
    return width * (1 + model.integer(architecture + ".n_deepstack_layers", 0));
}

// Width that the Qwen encoders put out, or 0 where only libmtmd can tell (it checks again after loading).
int64_t encoder_output_width(const GgufFile & mmproj) {
    const std::string projector = projector_of(mmproj);
    if (projector != "qwen2vl_merger" && projector != "qwen2.5vl_merger" && projector != "qwen3vl_merger") {
        return 0;
    }
    const GgufTensorInfo * bias = mmproj.tensor("mm.2.bias");
    if (bias == nullptr || bias->shape.empty()) {
        return 0;
    }
    int64_t levels = 1;
    for (const GgufTensorInfo & tensor : mmproj.tensors) {
        const std::string suffix = ".fc1.weight";
        if (tensor.name.rfind("v.deepstack.", 0) == 0 && tensor.name.size() > suffix.size() &&
            tensor.name.compare(tensor.name.size() - suffix.size(), suffix.size(), suffix) == 0) {
            levels++;
        }
    }
    return bias->shape[0] * levels;
}

void check_pair(const LoadSettings & settings, const GgufFile & model, const GgufFile & mmproj) {
    const std::string model_kind = model.text("general.architecture");
    const std::string mmproj_kind = mmproj.text("general.architecture");
    const char * model_path = settings.model_path.c_str();
    const char * mmproj_path = settings.mmproj_path.c_str();
    if (model_kind == "clip" && mmproj_kind != "clip") {
        fail("WRONG_ARCHITECTURE", "Model and mmproj are swapped: %s is the vision encoder.", model_path);
    }
    if (model_kind == "clip") {
        fail("WRONG_ARCHITECTURE", "%s is a vision encoder (mmproj), not a language model.", model_path);
    }
    if (model_kind.empty()) {
        fail("WRONG_ARCHITECTURE", "%s names no architecture, so it is no language model.", model_path);
    }
    if (mmproj_kind != "clip") {
        fail("WRONG_ARCHITECTURE", "%s is no vision encoder: its architecture is \"%s\" instead of \"clip\".",
             mmproj_path, mmproj_kind.c_str());
    }
    if (mmproj.integer("clip.has_vision_encoder", 0) == 0) {
        fail("WRONG_ARCHITECTURE", "%s holds no vision encoder.", mmproj_path);
    }
    if (model.tensors.empty()) {
        fail("WRONG_ARCHITECTURE", "%s holds no weights.", model_path);
    }
    const int64_t takes = model_input_width(model);
    const int64_t gives = encoder_output_width(mmproj);
    if (takes > 0 && gives > 0 && takes != gives) {
        fail("MMPROJ_MISMATCH",
             "The mmproj belongs to another model: it puts out %lld values a token, the model takes %lld.",
             static_cast<long long>(gives), static_cast<long long>(takes));
    }
}

[[noreturn]] void throw_load_failure(const char * what, const std::string & path, uint64_t mark) {
    const std::string said = log_complaints(mark);
    const std::string text = std::string(what) + " " + path + " could not be loaded: " +
                             (said.empty() ? "llama.cpp gave no reason" : said);
    if (log_out_of_memory(mark)) {
        throw Failure("OUT_OF_MEMORY", text);
    }
    if (log_contains(mark, "mismatch between text model")) {
        throw Failure("MMPROJ_MISMATCH", text);
    }
    if (log_contains(mark, "unknown model architecture") || log_contains(mark, "unknown projector type") ||
        log_contains(mark, "unknown vision projector type")) {
        throw Failure("WRONG_ARCHITECTURE", text);
    }
    throw Failure("MODEL_LOAD_FAILED", text);
}

struct ProgressState {
    const std::atomic<bool> * cancelled;
    const std::function<void(float)> * report;
    double from, share;
};

// Signature of both llama.cpp's and libmtmd's progress callback; false stops the load.
bool on_load_progress(float fraction, void * data) {
    const auto & state = *static_cast<const ProgressState *>(data);
    (*state.report)(static_cast<float>(state.from + state.share * fraction));
    return !state.cancelled->load();
}

std::string metadata_text(const llama_model * model, const char * key) {
    char buffer[256] = "";
    return llama_model_meta_val_str(model, key, buffer, sizeof buffer) >= 0 ? buffer : "";
}

// llama.cpp has no call for it: "load_tensors: offloaded 29/29 layers to GPU". The count includes the output layer,
// which goes first: with 28 of 29 the first layer stays on the CPU.
std::optional<int> offloaded_layers(uint64_t mark) {
    for (const LogLine & line : log_since(mark)) {
        const size_t at = line.text.find("offloaded ");
        int layers = 0, of = 0;
        if (at != std::string::npos &&
            std::sscanf(line.text.c_str() + at, "offloaded %d/%d layers to GPU", &layers, &of) == 2) {
            return std::max(0, layers - 1);
        }
    }
    return std::nullopt;
}

bool has_gpu() {
    return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_GPU) != nullptr ||
           ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_IGPU) != nullptr;
}

} // namespace

ModelInfo Session::load(const LoadSettings & settings, const std::function<void(float)> & on_progress) {
    if (settings.encode_threads < 1 || settings.encode_threads > GGML_MAX_N_THREADS) {
        fail("BAD_ARGUMENT", "encodeThreads must be 1 to %d, not %d.", GGML_MAX_N_THREADS, settings.encode_threads);
    }
    const GgufFile model = read_gguf(settings.model_path);
    const GgufFile mmproj = read_gguf(settings.mmproj_path);
    check_pair(settings, model, mmproj);
    throw_if_cancelled();

    const uint64_t mark = log_mark();
    const double share =
        static_cast<double>(model.file_bytes) / static_cast<double>(model.file_bytes + mmproj.file_bytes);
    on_progress(0);
    try {
        load_model(settings, share, on_progress);
        load_encoder(settings, share, on_progress);
    } catch (...) {
        free_all();
        throw;
    }
    on_progress(1);
    bytes_ = vocabulary_bytes(llama_model_get_vocab(model_.get()));
    stage_ = Stage::loaded;
    remember_memory();
    ModelInfo info = describe(projector_of(mmproj), mark);
    if (settings.cpu_only || settings.gpu_layers == 0 || !has_gpu()) {
        info.layers_on_gpu = 0;
    }
    language_on_gpu_ = info.layers_on_gpu.value_or(0) > 0;
    return info;
}

void Session::load_model(const LoadSettings & settings, double share, const std::function<void(float)> & on_progress) {
    const uint64_t mark = log_mark();
    ProgressState progress{&cancelled_, &on_progress, 0, share};
    ggml_backend_dev_t no_devices[] = {nullptr};

    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = settings.cpu_only ? 0 : settings.gpu_layers;
    params.devices = settings.cpu_only ? no_devices : nullptr;
    params.load_mode = settings.use_mmap ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE;
    params.progress_callback = on_load_progress;
    params.progress_callback_user_data = &progress;
    model_.reset(llama_model_load_from_file(settings.model_path.c_str(), params));
    throw_if_cancelled();
    if (!model_) {
        throw_load_failure("The model", settings.model_path, mark);
    }
}

void Session::load_encoder(const LoadSettings & settings, double share,
                           const std::function<void(float)> & on_progress) {
    const uint64_t mark = log_mark();
    ProgressState progress{&cancelled_, &on_progress, share, 1 - share};

    mtmd_context_params params = mtmd_context_params_default();
    params.use_gpu = settings.mmproj_on_gpu && !settings.cpu_only;
    params.print_timings = false;
    params.n_threads = settings.encode_threads;
    params.flash_attn_type = settings.flash_attention;
    // libmtmd's warm-up computes nothing: it only reserves buffers for an image of a size of its own, and encode()
    // reserves them for the real image anyway. Leaving it out saves that memory and costs no time later.
    params.warmup = false;
    params.image_min_tokens = FEWEST_IMAGE_TOKENS;
    params.image_max_tokens = MOST_IMAGE_TOKENS;
    params.cb_eval = on_encoder_node;
    params.cb_eval_user_data = this;
    params.progress_callback = on_load_progress;
    params.progress_callback_user_data = &progress;
    encoder_.reset(mtmd_init_from_file(settings.mmproj_path.c_str(), model_.get(), params));
    throw_if_cancelled();
    if (!encoder_) {
        throw_load_failure("The mmproj", settings.mmproj_path, mark);
    }
    clip_ctx * vision = encoder_hook_vision(encoder_.get());
    if (vision == nullptr) {
        fail("WRONG_ARCHITECTURE", "%s holds no vision encoder.", settings.mmproj_path.c_str());
    }
    padded_ffn_ = encoder_hook_pad_ffn(vision, settings.ffn_padding, SPARE_FOR_CONTEXT);
    encode_threads_ = settings.encode_threads;
    encode_pool_ = ThreadPool(encode_threads_);
    encoder_hook_cpu_execution(vision, encode_pool_.get(), abort_requested, this);
    encoder_on_cpu_ = ggml_backend_dev_type(encoder_hook_device(vision)) == GGML_BACKEND_DEVICE_TYPE_CPU;
}

ModelInfo Session::describe(const std::string & projector, uint64_t mark) const {
    const llama_model * model = model_.get();
    char description[256] = "";
    llama_model_desc(model, description, sizeof description);

    ModelInfo info;
    info.description = description;
    info.architecture = metadata_text(model, "general.architecture");
    info.projector = projector;
    info.parameters = static_cast<double>(llama_model_n_params(model));
    info.model_bytes = static_cast<double>(llama_model_size(model));
    info.layers = llama_model_n_layer(model);
    info.layers_on_gpu = offloaded_layers(mark);
    info.context_length_trained = llama_model_n_ctx_train(model);
    info.vocabulary_size = llama_vocab_n_tokens(llama_model_get_vocab(model));
    info.uses_mrope = mtmd_decode_use_mrope(encoder_.get());
    info.encoder_device = ggml_backend_dev_name(encoder_hook_device(encoder_hook_vision(encoder_.get())));
    return info;
}
