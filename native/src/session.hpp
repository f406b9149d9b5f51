// One loaded pair of language model and mmproj. Plain C++; session_js.cpp gives it to JavaScript.
// Except for cancel() and memory(), calls must not overlap: run() guards that.
#pragma once

#include "encoder_hooks.hpp"
#include "node_profile.hpp"
#include "prefix_cache.hpp"
#include "threads.hpp"
#include "vit/padded_ffn.hpp"
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
    std::string description, architecture, projector;
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
    bool profile_nodes = false; // time every node of encode, prefill and generate
    bool operator==(const ContextSettings & other) const;
};

struct Prompt {
    std::vector<uint8_t> rgb; // may be empty if the session keeps the image
    std::string image_key;    // stands for pixels, size and way of encoding; empty: use nothing again, keep nothing
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
    bool windowed = true; // compute windowed layers as windows; false: as upstream does, with a mask
    bool cpu_attention = false; // on a CPU, flash attention by our own kernel
    bool capture_input = false, capture_output = false;
};

struct EncoderInput {
    int width = 0, height = 0;
    std::vector<float> data; // [channel][row][column]
};

struct Encoded {
    EncoderPath path;
    bool reused = false;     // the encoder did not run
    bool graph_kept = false; // it ran in the graph of an earlier image
    std::optional<EncoderInput> input;
    std::vector<float> output; // [token][value] if captured
};

struct PrefillTimes {
    double image_ms = 0, text_ms = 0;
    Reuse reuse = Reuse::none;
    double reused_bytes = 0; // of the embeddings or of the KV cache's part
    double restore_ms = 0;   // of bringing it back into the KV cache; 0 if it was there
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
    std::vector<std::string> examples; // answers as the model writes them
};

struct Generated {
    int tokens = 0;
    const char * finish = "length";
    int calls = 0;    // of the language model
    int proposed = 0; // tokens that calls ran beside the one chosen before
    int accepted = 0; // of these, those that were chosen
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

    // True if prepare() needs no pixels for this key now. Must not overlap with other calls.
    bool keeps(const std::string & image_key);

    // Since prepare(); empty unless the context was configured to profile.
    std::vector<NodeTimes> node_profile() const;

    // Frees everything; waits for a running call.
    void release();

    // Runs one of the calls above while holding the session; release() waits for it.
    template <class Call> auto run(Call && call) {
        std::lock_guard<std::mutex> lock(running_);
        return call(*this);
    }

    // The flag is raised by any thread and seen between graph nodes, tokens and progress reports.
    void raise_cancel() { cancelled_.store(true); }
    void clear_cancel() { cancelled_.store(false); }

    MemoryReport memory() const;

    // Most tokens of a call whose logits are wanted. CUDA multiplies up to eight columns with the kernels for one.
    static constexpr int MOST_OUTPUTS = 8;

  private:
    enum class Stage { none, loaded, configured, prepared, encoded, prefilled };
    class Step;

    static bool abort_requested(void * self);
    static bool on_encoder_node(ggml_tensor * node, bool ask, void * self);
    static bool on_language_node(ggml_tensor * node, bool ask, void * self);

    void load_model(const LoadSettings & settings, double share, const std::function<void(float)> & on_progress);
    void load_encoder(const LoadSettings & settings, double share, const std::function<void(float)> & on_progress);
    ModelInfo describe(const std::string & projector, uint64_t mark) const;
    void need(Stage stage, const char * what) const;
    void throw_if_cancelled() const;
    void make_room_for_others();
    void decode(llama_batch & batch, const char * stage);
    int decode_text(const mtmd_input_chunk * chunk, int position, bool last);
    bool cache_can_be_cut() const;
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

    // In order of destruction (last first): contexts before the pools they run on.
    ThreadPool encode_pool_, generate_pool_, prefill_pool_;
    std::unique_ptr<llama_model, decltype(&llama_model_free)> model_{nullptr, llama_model_free};
    std::unique_ptr<mtmd_context, decltype(&mtmd_free)> encoder_{nullptr, mtmd_free};
    std::unique_ptr<PaddedFfn> padded_ffn_;
    std::unique_ptr<llama_context, decltype(&llama_free)> context_{nullptr, llama_free};
    std::unique_ptr<mtmd_input_chunks, decltype(&mtmd_input_chunks_free)> chunks_{nullptr, mtmd_input_chunks_free};
    std::optional<ContextSettings> configured_;
    VocabularyBytes bytes_;
    int position_ = 0; // of the next token

    PrefixCache kept_;
    std::optional<ImagePrefix> wanted_; // of the prepared prompt, if its image may be used again
    bool language_on_gpu_ = false;      // some of its layers
    std::optional<ImagePrefix> live_;   // the KV cache begins with it
    Reuse reuse_ = Reuse::none;         // what is there for the prepared prompt
    EncoderPath kept_path_;             // of the embeddings used again

    int encode_threads_ = 1;
    double encode_wall_ms_ = 0, encode_cpu_ms_ = 0; // of the last encode on the CPU; 0 = unknown

    // Used by on_encoder_node during an encode.
    bool encoder_on_cpu_ = true;
    EncoderPath wanted_path_; // of the last encode
    int nodes_since_pause_ = 0;
    bool capture_wanted_ = false;
    std::optional<EncoderInput> captured_;

    std::optional<NodeProfile> profile_; // while the context is configured to profile

    mutable std::mutex memory_mutex_;
    MemoryReport memory_;
};
