// Using again what is known of an image: its embeddings, or its part of the KV cache.
#include "session.hpp"

#include "threads.hpp"

#include <algorithm>
#include <new>

// At any position: a recurrent state cannot, and a sliding window has forgotten what is before it.
bool Session::cache_can_be_cut() const {
    const llama_model * model = model_.get();
    return !llama_model_is_recurrent(model) && !llama_model_is_hybrid(model) && llama_model_n_swa(model) == 0;
}

// Embeddings and keys are used again only where one run of tokens stands for the image, and where the cache can be cut.
void Session::plan_reuse(const Prompt & prompt) {
    wanted_.reset();
    reuse_ = Reuse::none;
    if (prompt.image_key.empty() || !cache_can_be_cut()) {
        return;
    }
    kept_.set_budget(static_cast<size_t>(prompt.keep_megabytes) * 1024 * 1024);
    ImagePrefix prefix;
    prefix.image = prompt.image_key;
    prefix.flash_attention = configured_->flash_attention;
    int images = 0;
    for (size_t i = 0; i < mtmd_input_chunks_size(chunks_.get()); i++) {
        const mtmd_input_chunk * chunk = mtmd_input_chunks_get(chunks_.get(), i);
        if (mtmd_input_chunk_get_type(chunk) != MTMD_INPUT_CHUNK_TYPE_TEXT) {
            images++;
            prefix.image_tokens = static_cast<int>(mtmd_input_chunk_get_n_tokens(chunk));
        } else if (images == 0) {
            size_t count = 0;
            const llama_token * tokens = mtmd_input_chunk_get_tokens_text(chunk, &count);
            prefix.before.insert(prefix.before.end(), tokens, tokens + count);
        }
    }
    if (images != 1) {
        return;
    }
    prefix.batch = std::min(configured_->batch_tokens, prefix.image_tokens);
    prefix.micro_batch = std::min(configured_->ubatch_tokens, prefix.image_tokens);
    wanted_ = std::move(prefix);
    const PrefixCache::Embeddings * embeddings = kept_.embeddings(wanted_->image);
    if (embeddings != nullptr) {
        reuse_ = Reuse::embeddings;
        kept_path_ = embeddings->path;
    }
    // Without embeddings the encoder runs again: what the KV cache still holds is not worth a second way through.
    const bool in_cache = live_ && live_->same_as(*wanted_);
    if (embeddings != nullptr && (in_cache || kept_.state(*wanted_) != nullptr)) {
        reuse_ = Reuse::kv_prefix;
    }
}

bool Session::keeps(const std::string & image_key) {
    return kept_.embeddings(image_key) != nullptr;
}

void Session::keep_embeddings(const float * values, size_t count, EncoderPath path) {
    if (wanted_) {
        kept_.keep(wanted_->image, {std::vector<float>(values, values + count), path});
    }
}

// The KV cache is about to be emptied: what it holds of its image moves to host memory.
void Session::put_prefix_away() {
    if (!live_) {
        return;
    }
    const ImagePrefix prefix = std::move(*live_);
    live_.reset();
    if (!llama_memory_seq_rm(llama_get_memory(context_.get()), 0, prefix.end, -1)) {
        return;
    }
    const size_t bytes = llama_state_seq_get_size(context_.get(), 0);
    if (!kept_.wants_state(prefix, bytes)) {
        return;
    }
    PrefixState state{prefix, std::unique_ptr<uint8_t[]>(new (std::nothrow) uint8_t[bytes]), bytes};
    if (state.data && llama_state_seq_get_data(context_.get(), state.data.get(), bytes, 0) == bytes) {
        kept_.keep(std::move(state));
    }
}

// Leaves the KV cache with the prompt up to the image's end, or empty.
bool Session::take_up_prefix(PrefillTimes & times) {
    llama_memory_t memory = llama_get_memory(context_.get());
    const double start = clock_ms();
    const bool in_cache = reuse_ == Reuse::kv_prefix && live_ && live_->same_as(*wanted_);
    if (in_cache && llama_memory_seq_rm(memory, 0, live_->end, -1)) {
        live_->asked_again = true;
        times.reused_bytes = static_cast<double>(llama_state_seq_get_size(context_.get(), 0));
        return true;
    }
    // An image that was asked about once gives its keys up to the next one, and on a GPU every image does: with Holo1.5-7B on
    // one H200 moving them to host memory costs some 130 ms of a second, and bringing them back saves little of the 290 ms
    // that a return costs from the embeddings, which are kept in any case.
    if (wanted_ && live_ && live_->asked_again && !language_on_gpu_) {
        put_prefix_away();
    }
    live_.reset();
    llama_memory_clear(memory, false);
    const PrefixState * state = reuse_ == Reuse::kv_prefix ? kept_.state(*wanted_) : nullptr;
    if (state == nullptr) {
        return false;
    }
    if (llama_state_seq_set_data(context_.get(), state->data.get(), state->bytes, 0) != state->bytes) {
        llama_memory_clear(memory, false);
        return false;
    }
    live_ = state->prefix;
    times.reused_bytes = static_cast<double>(state->bytes);
    times.restore_ms = clock_ms() - start;
    return true;
}
