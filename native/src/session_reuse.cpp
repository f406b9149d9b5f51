// Reusing what is kept of an image: its embeddings, or its part of the KV cache.
#include "session.hpp"

#include "threads.hpp"

#include <algorithm>
#include <new>

// Whether the cache can be cut back to an image's end. A sliding window has already forgotten the keys that would count
// again.
bool Session::can_keep_prefixes() const {
    return llama_model_n_swa(model_.get()) == 0;
}

// How many tokens can be taken off the end of an answer. A recurrent layer has one state for the whole sequence: of
// earlier ones there are as many as the context was made for.
int Session::most_taken_back() const {
    if (!can_keep_prefixes()) {
        return 0;
    }
    return has_recurrent_layers(model_.get()) ? static_cast<int>(llama_n_rs_seq(context_.get())) : MOST_OUTPUTS - 1;
}

// Copies the state of the recurrent layers to host memory, where the live prefix ends; only for an image of which more
// is kept, since the prefix is not reused alone.
void Session::note_recurrent_state() {
    live_state_ = {};
    if (!has_recurrent_layers(model_.get()) || kept_.embeddings(live_->image) == nullptr) {
        return;
    }
    llama_context * context = context_.get();
    live_state_.resize(llama_state_seq_get_size_ext(context, 0, LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY));
    const size_t written = llama_state_seq_get_data_ext(context, live_state_.data(), live_state_.size(), 0,
                                                        LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
    if (written != live_state_.size()) {
        forget_live_prefix();
    }
}

void Session::forget_live_prefix() {
    live_.reset();
    live_state_ = {};
}

// Takes everything after a position of the live prefix's end out of the cache. False if that is not possible.
bool Session::cut_cache_to(llama_pos end) {
    if (has_recurrent_layers(model_.get())) {
        const size_t read = llama_state_seq_set_data_ext(context_.get(), live_state_.data(), live_state_.size(), 0,
                                                         LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
        if (read != live_state_.size() || read == 0) {
            return false;
        }
    }
    return llama_memory_seq_rm(llama_get_memory(context_.get()), 0, end, -1);
}

// Decides what of earlier prompts the prepared one can reuse. Nothing unless one chunk stands for the image (some
// models cut it into several), and unless the cache can be cut back to its end.
void Session::plan_reuse(const Prompt & prompt) {
    wanted_.reset();
    reuse_ = Reuse::none;
    if (prompt.image_key.empty() || !can_keep_prefixes()) {
        return;
    }
    kept_.set_budget(static_cast<size_t>(prompt.keep_megabytes) * 1024 * 1024);
    if (kept_.bytes() == 0) {
        forget_live_prefix(); // it is not reused alone
    }
    ImagePrefix prefix;
    prefix.image = prompt.image_key;
    prefix.flash_attention = configured_->flash_attention;
    int images = 0;
    for (const mtmd_input_chunk * chunk : chunks()) {
        if (!is_text(chunk)) {
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
    // Without embeddings the encoder runs anyway, so the KV cache's part is not reused alone: that would be one more
    // case.
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

// Copies what the KV cache holds of its image to host memory, before the cache is emptied.
void Session::put_prefix_away() {
    if (!live_) {
        return;
    }
    const ImagePrefix prefix = std::move(*live_);
    const bool cut = cut_cache_to(prefix.end);
    forget_live_prefix();
    if (!cut) {
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

// Leaves the prompt up to the image's end in the KV cache and returns true, or leaves the cache empty.
bool Session::take_up_prefix(PrefillTimes & times) {
    llama_memory_t memory = llama_get_memory(context_.get());
    const double start = clock_ms();
    const bool in_cache = reuse_ == Reuse::kv_prefix && live_ && live_->same_as(*wanted_);
    if (in_cache && cut_cache_to(live_->end)) {
        live_->asked_again = true;
        times.reused_bytes = static_cast<double>(llama_state_seq_get_size(context_.get(), 0));
        return true;
    }
    // Only the keys of an image that was asked about twice are kept, and none on a GPU: with Holo1.5-7B on one H200 it
    // takes some 130 ms to copy them to host memory, and copying them back is little faster than the 290 ms that it
    // takes to compute them again from the embeddings, which are kept in any case.
    if (wanted_ && live_ && live_->asked_again && !language_on_gpu_) {
        put_prefix_away();
    }
    forget_live_prefix();
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
    note_recurrent_state();
    times.reused_bytes = static_cast<double>(state->bytes);
    times.restore_ms = clock_ms() - start;
    return true;
}
