// Loading. The caller has checked the files (app/engine/inspect.ts): llama.cpp aborts the process on some that are
// damaged or do not belong together.
#include "session.hpp"

#include "devices.hpp"
#include "encoder_hooks.hpp"
#include "failure.hpp"
#include "log.hpp"
#include "vocabulary.hpp"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace {

// The engine chooses the image's size. With limits this wide libmtmd takes an image whose sides are multiples of the
// model's cell as it is, instead of scaling and letterboxing it into the model's usual range.
constexpr int FEWEST_IMAGE_TOKENS = 1;
constexpr int MOST_IMAGE_TOKENS = 65536;

// Bytes of GPU memory that have to stay free for context and compute buffers when weights are copied for speed. With
// Holo1.5-7B a context of 16,384 tokens and the buffers of a 4,096-token image take some 3 GB.
constexpr size_t SPARE_FOR_CONTEXT = 4ull << 30;

// Bytes of a file; 0 if it cannot be told.
double file_bytes(const std::string & path) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(std::filesystem::u8path(path), error);
    return error ? 0 : static_cast<double>(bytes);
}

[[noreturn]] void throw_load_failure(const char * what, const std::string & path, const LogSection & log) {
    const std::string said = log.complaints();
    const std::string text =
        std::string(what) + " " + path + " could not be loaded: " + (said.empty() ? "llama.cpp gave no reason" : said);
    if (log.out_of_memory()) {
        throw Failure("OUT_OF_MEMORY", text);
    }
    if (log.contains("mismatch between text model")) {
        throw Failure("MMPROJ_MISMATCH", text);
    }
    if (log.contains("unknown model architecture") || log.contains("unknown projector type") ||
        log.contains("unknown vision projector type")) {
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

// llama.cpp tells it in its log only: "load_tensors: offloaded 29/29 layers to GPU". The count includes the output
// layer, which is offloaded first: with 28 of 29 one other layer stays on the CPU.
std::optional<int> offloaded_layers(const LogSection & log) {
    for (const LogLine & line : log.lines()) {
        const size_t at = line.text.find("offloaded ");
        int layers = 0, of = 0;
        if (at != std::string::npos &&
            std::sscanf(line.text.c_str() + at, "offloaded %d/%d layers to GPU", &layers, &of) == 2) {
            return std::max(0, layers - 1);
        }
    }
    return std::nullopt;
}

} // namespace

ModelInfo Session::load(const LoadSettings & settings, const std::function<void(float)> & on_progress) {
    if (settings.encode_threads < 1 || settings.encode_threads > GGML_MAX_N_THREADS) {
        fail("BAD_ARGUMENT", "encodeThreads must be 1 to %d, not %d.", GGML_MAX_N_THREADS, settings.encode_threads);
    }
    const LogSection log;
    const double model_bytes = file_bytes(settings.model_path);
    const double share = model_bytes / std::max(1.0, model_bytes + file_bytes(settings.mmproj_path));
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
    ModelInfo info = describe(log);
    if (settings.cpu_only || settings.gpu_layers == 0 || !has_gpu_device()) {
        info.layers_on_gpu = 0;
    }
    language_on_gpu_ = info.layers_on_gpu.value_or(0) > 0;
    return info;
}

void Session::load_model(const LoadSettings & settings, double share, const std::function<void(float)> & on_progress) {
    const LogSection log;
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
        throw_load_failure("The model", settings.model_path, log);
    }
}

void Session::load_encoder(const LoadSettings & settings, double share,
                           const std::function<void(float)> & on_progress) {
    const LogSection log;
    ProgressState progress{&cancelled_, &on_progress, share, 1 - share};

    mtmd_context_params params = mtmd_context_params_default();
    params.use_gpu = settings.mmproj_on_gpu && !settings.cpu_only;
    params.print_timings = false;
    params.n_threads = settings.encode_threads;
    params.flash_attn_type = settings.flash_attention;
    // libmtmd's warm-up computes nothing. It reserves buffers for an image of a size that it chooses, and encode()
    // reserves them for the real image anyway: without it memory is saved and no time is lost later.
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
        throw_load_failure("The mmproj", settings.mmproj_path, log);
    }
    vision_ = encoder_hook_vision(encoder_.get());
    if (vision_ == nullptr) {
        fail("WRONG_ARCHITECTURE", "%s holds no vision encoder.", settings.mmproj_path.c_str());
    }
    encoder_hook_pad_ffn(vision_, settings.ffn_padding, SPARE_FOR_CONTEXT);
    encode_threads_ = settings.encode_threads;
    encode_pool_ = ThreadPool(encode_threads_);
    encoder_hook_cpu_execution(vision_, encode_pool_.get(), abort_requested, this);
    encoder_on_cpu_ = ggml_backend_dev_type(encoder_hook_device(vision_)) == GGML_BACKEND_DEVICE_TYPE_CPU;
}

ModelInfo Session::describe(const LogSection & log) const {
    const llama_model * model = model_.get();
    char description[256] = "";
    llama_model_desc(model, description, sizeof description);

    ModelInfo info;
    info.description = description;
    info.architecture = metadata_text(model, "general.architecture");
    info.parameters = static_cast<double>(llama_model_n_params(model));
    info.model_bytes = static_cast<double>(llama_model_size(model));
    info.layers = llama_model_n_layer(model);
    info.layers_on_gpu = offloaded_layers(log);
    info.context_length_trained = llama_model_n_ctx_train(model);
    info.vocabulary_size = llama_vocab_n_tokens(llama_model_get_vocab(model));
    info.uses_mrope = mtmd_decode_use_mrope(encoder_.get());
    info.encoder_device = ggml_backend_dev_name(encoder_hook_device(vision_));
    return info;
}
