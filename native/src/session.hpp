// One loaded pair of language model and mmproj. Plain C++; session_js.cpp offers it to JavaScript. Calls must not
// overlap (run() sees to that), except for raise_cancel() and memory(). Sessions do not know of each other: several can
// run at once.
#pragma once

#include "encoder_hooks.hpp"
#include "log.hpp"
#include "node_timer.hpp"
#include "prefix_cache.hpp"
#include "threads.hpp"
#include "vocabulary.hpp"

#include "ggml-backend.h"
#include "llama.h"
#include "mtmd.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

struct LoadSettings {
    std::string model_path;
    std::string mmproj_path;
    int gpu_layers = -1;
    bool mmproj_on_gpu = true;
    int encode_threads = 1;
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    FfnPadding ffn_padding = FfnPadding::automatic;
    bool use_mmap = true;
    bool cpu_only = false; // ignore every GPU device
};

struct ModelInfo {
    std::string description, architecture;
    double parameters = 0, model_bytes = 0;
    int layers = 0;
    std::optional<int> layers_on_gpu;
    int context_length_trained = 0;
    int vocabulary_size = 0;
    bool uses_mrope = false;
    std::string encoder_device;
};

struct ContextSettings {
    int context_tokens = 0, batch_tokens = 0, ubatch_tokens = 0;
    int generate_threads = 1, prefill_threads = 1;
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    int take_back_tokens = 0; // of an answer, that a model with recurrent layers can take back
    bool time_nodes = false;  // time every node of encode, prefill and generate
    bool operator==(const ContextSettings & other) const;
};

struct Prompt {
    std::vector<uint8_t> rgb; // may be empty if the session keeps the image
    std::string image_key; // stands for the pixels, their size and how they are encoded; empty: reuse and keep nothing
    int keep_megabytes = 0;
    int width = 0, height = 0;
    std::string text;
    int reserve_tokens = 0;
};

struct PromptSize {
    int image_tokens = 0, text_tokens = 0, positions = 0;
};

enum class Reuse { none, embeddings, kv_prefix };

struct EncodeSettings {
    bool windowed = true;       // compute windowed layers as windows; false: with a mask, as upstream does
    bool cpu_attention = false; // on a CPU, compute flash attention with our own kernel
    bool capture_input = false, capture_output = false;
};

struct EncoderInput {
    int width = 0, height = 0;
    std::vector<float> data; // [channel][row][column]
};

struct Encoded {
    EncoderPath path;
    bool reused = false; // the encoder did not run
    std::optional<EncoderInput> input;
    std::vector<float> output; // [token][value] if captured
};

struct PrefillTimes {
    double image_ms = 0, text_ms = 0;
    Reuse reuse = Reuse::none;
    double reused_bytes = 0; // size of the embeddings, or of the image's part of the KV cache
    double restore_ms = 0;   // time to copy that part back into the KV cache; 0 if it was still there
};

struct Token {
    llama_token id = 0;
    std::string bytes;
    float log_prob = 0;
    bool overruled = false;
};

struct GenerateSettings {
    int max_tokens = 0;
    std::string grammar; // empty: unconstrained
    bool jump_forward = true;
    std::vector<std::string> examples; // answers as the model writes them, for jump_forward
};

struct Generated {
    int tokens = 0;
    const char * finish = "length";
    int calls = 0;    // of the language model
    int proposed = 0; // tokens that were run through the model before they were chosen
    int accepted = 0; // how many of these were then chosen
    int jumps = 0;    // calls with accepted tokens
};

struct MemoryItem {
    std::string device;
    double model = 0, kv_cache = 0, compute = 0; // bytes
};

struct MemoryReport {
    std::vector<MemoryItem> language_model, vision_encoder;
    double kept_images = 0; // bytes of host memory
};

// Whether some layers keep a state that every token changes, instead of keys and values of each token.
bool has_recurrent_layers(const llama_model * model);

// Whether a chunk of a tokenised prompt is text; the others are images.
bool is_text(const mtmd_input_chunk * chunk);

class Session {
  public:
    Session() = default;
    ~Session();
    Session(const Session &) = delete;
    Session & operator=(const Session &) = delete;

    // All throw Failure.
    ModelInfo load(const LoadSettings & settings, const std::function<void(float)> & on_progress);
    void configure(const ContextSettings & settings);
    PromptSize prepare(const Prompt & prompt);
    Encoded encode(const EncodeSettings & settings);
    PrefillTimes prefill();
    Generated generate(const GenerateSettings & settings, const std::function<void(Token)> & on_token);

    // Whether prepare() can do without the pixels for this key now.
    bool keeps(const std::string & image_key);

    // The nodes executed since prepare(). Empty unless the context was configured to time nodes.
    std::vector<NodeTimes> node_times() const;

    // Frees everything; waits for a running call.
    void release();

    // Runs one of the calls above while holding the session; release() waits for it.
    template <class Call> auto run(Call && call) {
        std::lock_guard<std::mutex> lock(running_);
        return call(*this);
    }

    // Any thread may raise the flag. It is looked at between graph nodes, tokens and progress reports.
    void raise_cancel() { cancelled_.store(true); }
    void clear_cancel() { cancelled_.store(false); }

    MemoryReport memory() const;

    // The most tokens of one call of the model that get logits. CUDA multiplies up to eight columns with the same
    // kernels as one.
    static constexpr int MOST_OUTPUTS = 8;

  private:
    enum class Stage { none, loaded, configured, prepared, encoded, prefilled };
    class Step;

    static bool abort_requested(void * self);
    static bool on_encoder_node(ggml_tensor * node, bool ask, void * self);
    static bool on_language_node(ggml_tensor * node, bool ask, void * self);

    void load_model(const LoadSettings & settings, double share, const std::function<void(float)> & on_progress);
    void load_encoder(const LoadSettings & settings, double share, const std::function<void(float)> & on_progress);
    std::vector<const mtmd_input_chunk *> chunks() const;
    ModelInfo describe(const LogSection & log) const;
    void need(Stage stage, const char * what) const;
    void throw_if_cancelled() const;
    void make_room_for_others();
    void decode(llama_batch & batch, const char * stage);
    int decode_text(const mtmd_input_chunk * chunk, int position, bool last);
    bool can_keep_prefixes() const;
    int most_taken_back() const;
    bool cut_cache_to(llama_pos end);
    void note_recurrent_state();
    void forget_live_prefix();
    void plan_reuse(const Prompt & prompt);
    void keep_embeddings(const float * values, size_t count, EncoderPath path);
    void put_prefix_away();
    bool take_up_prefix(PrefillTimes & times);
    void decode_image(const mtmd_input_chunk * chunk, int & position, PrefillTimes & times);
    void remember_memory();
    void free_all();

    std::mutex running_;
    std::atomic<bool> cancelled_{false};
    Stage stage_ = Stage::none;

    // Destroyed from the last to the first: contexts before the pools that they run on.
    ThreadPool encode_pool_, generate_pool_, prefill_pool_;
    std::unique_ptr<llama_model, decltype(&llama_model_free)> model_{nullptr, llama_model_free};
    std::unique_ptr<mtmd_context, decltype(&mtmd_free)> encoder_{nullptr, mtmd_free};
    clip_ctx * vision_ = nullptr; // the vision encoder inside encoder_
    std::unique_ptr<llama_context, decltype(&llama_free)> context_{nullptr, llama_free};
    std::unique_ptr<mtmd_input_chunks, decltype(&mtmd_input_chunks_free)> chunks_{nullptr, mtmd_input_chunks_free};
    std::optional<ContextSettings> configured_;
    VocabularyBytes bytes_;
    int position_ = 0; // of the next token

    PrefixCache kept_;
    std::optional<ImagePrefix> wanted_; // the prepared prompt's prefix, if its image may be reused
    std::optional<ImagePrefix> live_;   // the prefix that the KV cache begins with
    std::vector<uint8_t> live_state_;   // of the recurrent layers at that prefix's end; empty for models without any
    Reuse reuse_ = Reuse::none;         // what can be reused for the prepared prompt
    EncoderPath kept_path_;             // how the reused embeddings were computed
    bool language_on_gpu_ = false;      // at least some layers of the language model

    int encode_threads_ = 1;
    double encode_wall_ms_ = 0, encode_cpu_ms_ = 0; // duration and CPU time of the last encode on the CPU; 0 = unknown

    bool encoder_on_cpu_ = true;

    // For on_encoder_node() during an encode.
    int nodes_since_pause_ = 0;
    uint64_t encoder_graphs_ = 0; // computed so far, this one included
    bool capture_wanted_ = false;
    std::optional<EncoderInput> captured_;

    std::optional<NodeTimer> node_timer_; // only while the context is configured to time nodes

    mutable std::mutex memory_mutex_;
    MemoryReport memory_;
};
