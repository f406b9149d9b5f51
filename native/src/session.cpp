#include "session.hpp"

#include "devices.hpp"
#include "encoder_hooks.hpp"
#include "failure.hpp"
#include "llama-ext.h"
#include "log.hpp"
#include "vit/vit_state.hpp"

#include <algorithm>
#include <cstring>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace {

constexpr const char * MEDIA_MARKER = "<__media__>";
constexpr int LONGEST_SIDE = 32768; // px; libmtmd computes areas in 32-bit integers

// On a GPU the encoder can be stopped only where it pauses. The graph of a Qwen2.5-VL encoder has about 1,100 nodes.
// Pausing three times as often made no difference beyond the noise (about 10 % of an encode, on a CPU).
constexpr int NODES_BETWEEN_PAUSES = 48;

size_t count_of(const std::string & text, const std::string & part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        count++;
    }
    return count;
}

void check_prompt(const Prompt & prompt, bool kept) {
    if (prompt.width < 1 || prompt.height < 1 || prompt.width > LONGEST_SIDE || prompt.height > LONGEST_SIDE) {
        fail("BAD_ARGUMENT", "The image must be 1 to %d px on each side, not %d x %d.", LONGEST_SIDE, prompt.width,
             prompt.height);
    }
    const size_t bytes = static_cast<size_t>(prompt.width) * static_cast<size_t>(prompt.height) * 3;
    if (prompt.rgb.size() != bytes && !kept) {
        fail("BAD_ARGUMENT", "%d x %d px of RGB take %zu bytes, not %zu.", prompt.width, prompt.height, bytes,
             prompt.rgb.size());
    }
    if (const size_t markers = count_of(prompt.text, MEDIA_MARKER); markers != 1) {
        fail("BAD_ARGUMENT", "The prompt must hold exactly one %s marker, not %zu.", MEDIA_MARKER, markers);
    }
    if (prompt.keep_megabytes < 0) {
        fail("BAD_ARGUMENT", "keepMegabytes must not be negative.");
    }
    if (prompt.reserve_tokens < 0) {
        fail("BAD_ARGUMENT", "reserveTokens must not be negative.");
    }
}

EncoderInput copy_tensor(const ggml_tensor * tensor) {
    EncoderInput input;
    input.width = static_cast<int>(tensor->ne[0]);
    input.height = static_cast<int>(tensor->ne[1]);
    input.data.resize(static_cast<size_t>(ggml_nelements(tensor)));
    ggml_backend_tensor_get(tensor, input.data.data(), 0, ggml_nbytes(tensor));
    return input;
}

// Makes ggml-cuda take the node for a changed one, so that it never captures a CUDA graph of the encoder: it compares
// whole tensors, these unused bytes included, with those of the computation before. A screen's encode gains nothing
// from being captured, and on Hopper it is fatal: once a second image size came twice, ggml-cuda updates the graph that
// it has instead of making another, which leaves the thread block clusters of cuBLAS's kernels as they were, and the
// GPU stops with "illegal instruction".
void mark_as_changed(ggml_tensor * node, uint64_t graph) {
    static_assert(sizeof node->padding == sizeof graph);
    std::memcpy(node->padding, &graph, sizeof graph);
}

// Operating systems promise more memory than there is and kill the process when it is used, so a KV cache that cannot
// fit in physical memory is refused beforehand. Keys and values take two bytes each, llama.cpp's default.
void check_cache_fits(const llama_model * model, int tokens) {
    const double head = static_cast<double>(llama_model_n_embd(model)) / std::max(1, llama_model_n_head(model));
    const double bytes = 2.0 * 2.0 * head * llama_model_n_head_kv(model) * llama_model_n_layer(model) * tokens;
    double memory = 0;
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        size_t free = 0, total = 0;
        ggml_backend_dev_memory(ggml_backend_dev_get(i), &free, &total);
        memory += static_cast<double>(total);
    }
    if (memory > 0 && bytes > memory) {
        fail("OUT_OF_MEMORY", "The KV cache of %d tokens of context takes %.1f GB, this machine has %.1f GB.", tokens,
             bytes / 1e9, memory / 1e9);
    }
}

} // namespace

bool has_recurrent_layers(const llama_model * model) {
    return llama_model_is_recurrent(model) || llama_model_is_hybrid(model);
}

bool is_text(const mtmd_input_chunk * chunk) {
    return mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT;
}

bool ContextSettings::operator==(const ContextSettings & other) const {
    return context_tokens == other.context_tokens && batch_tokens == other.batch_tokens &&
           ubatch_tokens == other.ubatch_tokens && generate_threads == other.generate_threads &&
           prefill_threads == other.prefill_threads && flash_attention == other.flash_attention &&
           take_back_tokens == other.take_back_tokens && time_nodes == other.time_nodes;
}

Session::~Session() {
    release();
}

bool Session::abort_requested(void * self) {
    return static_cast<Session *>(self)->cancelled_.load(std::memory_order_relaxed);
}

// ggml's scheduler asks before each node whether to pause after it (`ask`), and after a pause whether to go on. On the
// CPU it need not pause: there abort_requested() stops it between any two nodes.
bool Session::on_encoder_node(ggml_tensor * node, bool ask, void * self_pointer) {
    auto & self = *static_cast<Session *>(self_pointer);
    const bool cancelled = self.cancelled_.load(std::memory_order_relaxed);
    if (!ask) {
        if (self.node_timer_) {
            self.node_timer_->done(node);
        }
        return !cancelled;
    }
    if (!self.encoder_on_cpu_) {
        mark_as_changed(node, self.encoder_graphs_);
    }
    if (self.capture_wanted_ && !self.captured_) {
        for (const ggml_tensor * source : node->src) {
            // Inputs are set before the graph runs, so the tensor is complete before its first reader has run.
            if (source != nullptr && std::strstr(source->name, "inp_raw") != nullptr) {
                self.captured_ = copy_tensor(source);
                break;
            }
        }
    }
    if (self.node_timer_) {
        return self.node_timer_->ask(node);
    }
    if (cancelled) {
        return true;
    }
    if (self.encoder_on_cpu_ || ++self.nodes_since_pause_ < NODES_BETWEEN_PAUSES) {
        return false;
    }
    self.nodes_since_pause_ = 0;
    return true;
}

// Installed only in a context that times its nodes, because with a callback the scheduler computes the graph in pieces.
bool Session::on_language_node(ggml_tensor * node, bool ask, void * self_pointer) {
    auto & self = *static_cast<Session *>(self_pointer);
    if (ask) {
        return self.node_timer_->ask(node);
    }
    self.node_timer_->done(node);
    return !self.cancelled_.load(std::memory_order_relaxed);
}

// Of the prepared prompt, in order.
std::vector<const mtmd_input_chunk *> Session::chunks() const {
    std::vector<const mtmd_input_chunk *> chunks(mtmd_input_chunks_size(chunks_.get()));
    for (size_t i = 0; i < chunks.size(); i++) {
        chunks[i] = mtmd_input_chunks_get(chunks_.get(), i);
    }
    return chunks;
}

std::vector<NodeTimes> Session::node_times() const {
    return node_timer_ ? node_timer_->nodes() : std::vector<NodeTimes>();
}

void Session::need(Stage stage, const char * what) const {
    if (stage_ < stage) {
        fail("BAD_ARGUMENT", "Call %s first.", what);
    }
}

void Session::throw_if_cancelled() const {
    if (cancelled_.load()) {
        fail("CANCELLED", "Cancelled.");
    }
}

void Session::configure(const ContextSettings & wanted) {
    need(Stage::loaded, "load()");
    ContextSettings settings = wanted;
    // With recurrent layers on a GPU what is taken back is not what was there before: on one H200 log-probabilities
    // after refused tokens were up to 9 off, while on a CPU they are the same to rounding. So there is no jump-forward
    // there.
    if (!has_recurrent_layers(model_.get()) || language_on_gpu_) {
        settings.take_back_tokens = 0;
    }
    if (settings.take_back_tokens < 0 || settings.take_back_tokens >= MOST_OUTPUTS) {
        fail("BAD_ARGUMENT", "takeBackTokens must be 0 to %d, not %d.", MOST_OUTPUTS - 1, settings.take_back_tokens);
    }
    for (const int threads : {settings.generate_threads, settings.prefill_threads}) {
        if (threads < 1 || threads > GGML_MAX_N_THREADS) {
            fail("BAD_ARGUMENT", "Threads must be 1 to %d, not %d.", GGML_MAX_N_THREADS, threads);
        }
    }
    if (settings.context_tokens < 1 || settings.batch_tokens < 1 || settings.ubatch_tokens < 1 ||
        settings.ubatch_tokens > settings.batch_tokens) {
        fail("BAD_ARGUMENT", "contextTokens, batchTokens and ubatchTokens must be positive, ubatch at most batch.");
    }
    if (configured_ && *configured_ == settings) {
        return;
    }
    check_cache_fits(model_.get(), settings.context_tokens);
    put_prefix_away();
    chunks_.reset();
    context_.reset();
    configured_.reset();
    node_timer_.reset();
    stage_ = Stage::loaded;

    llama_context_params params = llama_context_default_params();
    params.n_ctx = static_cast<uint32_t>(settings.context_tokens);
    params.n_batch = static_cast<uint32_t>(settings.batch_tokens);
    params.n_ubatch = static_cast<uint32_t>(settings.ubatch_tokens);
    // By default llama.cpp reserves logits for every token of a batch: 780 MB with a vocabulary of 152,000 and a batch
    // of 1,280.
    params.n_outputs_max = MOST_OUTPUTS;
    params.n_rs_seq = static_cast<uint32_t>(settings.take_back_tokens);
    params.n_threads = settings.generate_threads;
    params.n_threads_batch = settings.prefill_threads;
    params.flash_attn_type = settings.flash_attention;
    params.abort_callback = abort_requested;
    params.abort_callback_data = this;
    params.no_perf = true;
    if (settings.time_nodes) {
        node_timer_.emplace();
        params.cb_eval = on_language_node;
        params.cb_eval_user_data = this;
    }

    const LogSection log;
    context_.reset(llama_init_from_model(model_.get(), params));
    if (!context_) {
        const std::string said = log.complaints();
        // Settings that llama.cpp refuses leave a complaint. Without one, in practice memory was lacking.
        fail(log.out_of_memory() || said.empty() ? "OUT_OF_MEMORY" : "BAD_ARGUMENT",
             "A context of %d tokens could not be created: %s", settings.context_tokens, said.c_str());
    }
    generate_pool_ = ThreadPool(settings.generate_threads);
    const bool share = settings.prefill_threads == settings.generate_threads;
    prefill_pool_ = share ? ThreadPool() : ThreadPool(settings.prefill_threads);
    if (generate_pool_.get() != nullptr) {
        llama_attach_threadpool(context_.get(), generate_pool_.get(),
                                share ? generate_pool_.get() : prefill_pool_.get());
    }
    configured_ = settings;
    stage_ = Stage::configured;
    remember_memory();
}

PromptSize Session::prepare(const Prompt & prompt) {
    need(Stage::configured, "configure()");
    const bool kept = prompt.rgb.empty() && !prompt.image_key.empty() && keeps(prompt.image_key);
    check_prompt(prompt, kept);
    stage_ = Stage::configured;
    if (node_timer_) {
        node_timer_->clear();
    }
    chunks_.reset(mtmd_input_chunks_init());

    // Without pixels it is a placeholder: libmtmd then only counts its tokens.
    std::unique_ptr<mtmd_bitmap, decltype(&mtmd_bitmap_free)> bitmap(
        mtmd_bitmap_init(static_cast<uint32_t>(prompt.width), static_cast<uint32_t>(prompt.height),
                         kept ? nullptr : prompt.rgb.data()),
        mtmd_bitmap_free);
    const mtmd_bitmap * bitmaps[] = {bitmap.get()};
    const mtmd_input_text text{prompt.text.c_str(), prompt.text.size(), /* add_special */ true,
                               /* parse_special */ true};
    const LogSection log;
    if (mtmd_tokenize(encoder_.get(), chunks_.get(), &text, bitmaps, 1) != 0) {
        log.fail("BAD_ARGUMENT", "Image or prompt could not be tokenised");
    }

    PromptSize size;
    for (const mtmd_input_chunk * chunk : chunks()) {
        const int tokens = static_cast<int>(mtmd_input_chunk_get_n_tokens(chunk));
        (is_text(chunk) ? size.text_tokens : size.image_tokens) += tokens;
        size.positions += mtmd_input_chunk_get_n_pos(chunk);
        if (!is_text(chunk) && mtmd_decode_use_non_causal(encoder_.get(), chunk) &&
            tokens > configured_->ubatch_tokens) {
            fail("BAD_ARGUMENT", "This model needs ubatchTokens >= the image's %d tokens.", tokens);
        }
    }
    // The KV cache needs a cell for each token, however few positions the image takes.
    const int needed = size.image_tokens + size.text_tokens + prompt.reserve_tokens;
    const int room = static_cast<int>(llama_n_ctx(context_.get()));
    if (needed > room) {
        fail("CONTEXT_TOO_SMALL",
             "Image (%d tokens), prompt (%d) and answer (%d) need %d tokens of context, but it has %d.",
             size.image_tokens, size.text_tokens, prompt.reserve_tokens, needed, room);
    }
    plan_reuse(prompt);
    if (kept && reuse_ == Reuse::none) {
        fail("BAD_ARGUMENT", "The image is no longer kept: prepare it with its pixels.");
    }
    stage_ = Stage::prepared;
    return size;
}

Encoded Session::encode(const EncodeSettings & settings) {
    need(Stage::prepared, "prepare()");
    stage_ = Stage::prepared;
    if (reuse_ != Reuse::none && !settings.capture_input && !settings.capture_output) {
        stage_ = Stage::encoded;
        Encoded reused;
        reused.path = kept_path_;
        reused.reused = true;
        return reused;
    }
    reuse_ = Reuse::none;
    capture_wanted_ = settings.capture_input;
    captured_.reset();
    nodes_since_pause_ = 0;
    VitState & vit = encoder_hook_state(vision_);
    vit.windowed = settings.windowed;
    vit.cpu_attention = settings.cpu_attention && encoder_on_cpu_ ? cpu_attention_kernel() : nullptr;
    Encoded result;
    const LogSection log;
    const double start = clock_ms();
    const double cpu_before = process_cpu_ms();
    for (const mtmd_input_chunk * chunk : chunks()) {
        if (is_text(chunk)) {
            continue;
        }
        if (node_timer_) {
            node_timer_->begin_graph("encode");
        }
        encoder_graphs_++;
        const int32_t status = mtmd_encode_chunk(encoder_.get(), chunk);
        throw_if_cancelled();
        if (status != 0) {
            log.fail("DECODE_FAILED", "The vision encoder failed");
        }
        const float * values = mtmd_get_output_embd(encoder_.get());
        const size_t width = static_cast<size_t>(llama_model_n_embd_inp(model_.get()));
        const size_t count = mtmd_input_chunk_get_n_tokens(chunk) * width;
        if (settings.capture_output) {
            result.output.assign(values, values + count);
        }
        result.path = {vit.is_windowed, !vit.attention_nodes.empty()};
        keep_embeddings(values, count, result.path);
    }
    if (!node_timer_) { // timing nodes slows encodes down: such a time would say nothing of other programs
        encode_wall_ms_ = encoder_on_cpu_ ? clock_ms() - start : 0;
        encode_cpu_ms_ = process_cpu_ms() - cpu_before;
    }
    remember_memory();
    stage_ = Stage::encoded;
    result.input = std::move(captured_);
    return result;
}

void Session::remember_memory() {
    MemoryReport report;
    std::map<std::string, MemoryItem> devices;
    if (context_) {
        for (const auto & [type, bytes] : llama_get_memory_breakdown(context_.get())) {
            MemoryItem & item = devices[device_of(type)];
            item.model += static_cast<double>(bytes.model);
            item.kv_cache += static_cast<double>(bytes.context);
            item.compute += static_cast<double>(bytes.compute);
        }
    } else if (model_) {
        // Only a context can tell which device holds what.
        devices["model"].model = static_cast<double>(llama_model_size(model_.get()));
    }
    for (auto & [name, item] : devices) {
        item.device = name;
        report.language_model.push_back(item);
    }
    if (encoder_) {
        for (const auto & [device, bytes] : encoder_hook_memory(vision_)) {
            report.vision_encoder.push_back({ggml_backend_dev_name(device), static_cast<double>(bytes.weights), 0,
                                             static_cast<double>(bytes.compute)});
        }
    }
    report.kept_images = static_cast<double>(kept_.bytes() + live_state_.size());
    std::lock_guard<std::mutex> lock(memory_mutex_);
    memory_ = std::move(report);
}

MemoryReport Session::memory() const {
    std::lock_guard<std::mutex> lock(memory_mutex_);
    return memory_;
}

void Session::free_all() {
    chunks_.reset();
    kept_.clear();
    forget_live_prefix();
    wanted_.reset();
    context_.reset();
    encoder_.reset();
    vision_ = nullptr;
    model_.reset();
    generate_pool_ = ThreadPool();
    prefill_pool_ = ThreadPool();
    encode_pool_ = ThreadPool();
    configured_.reset();
    node_timer_.reset();
    stage_ = Stage::none;
    remember_memory();
#if defined(__GLIBC__)
    malloc_trim(0); // glibc keeps freed pages for every thread that ever allocated: hundreds of MB after some loads
#endif
}

void Session::release() {
    std::lock_guard<std::mutex> lock(running_);
    free_all();
}
