// The language model's part: prefill and generation.
#include "session.hpp"

#include "failure.hpp"
#include "log.hpp"
#include "mtmd-helper.h"
#include "sampling.hpp"

#include <algorithm>

namespace {

std::string piece_of(const llama_vocab * vocab, llama_token token) {
    std::string piece(32, '\0');
    int length = llama_token_to_piece(vocab, token, piece.data(), static_cast<int>(piece.size()), 0, true);
    if (length < 0) {
        piece.resize(static_cast<size_t>(-length));
        length = llama_token_to_piece(vocab, token, piece.data(), static_cast<int>(piece.size()), 0, true);
    }
    piece.resize(static_cast<size_t>(std::max(length, 0)));
    return piece;
}

} // namespace

// Threads of ggml wait for each other after every node. With two threads on two cores and one busy program per core,
// prefill of the small detector took 4 to 16 times its idle time, with one thread 1.4 times; so when the encoder had
// to share its cores, the language model uses fewer threads.
void Session::make_room_for_others() {
    const auto fewer = [&](int wanted) {
        return threads_beside_others(wanted, encode_wall_ms_, encode_cpu_ms_, encode_threads_);
    };
    const int prefill = fewer(configured_->prefill_threads);
    if (prefill < configured_->prefill_threads) {
        log_note(LogLine::Level::warn, "other programs keep the processor busy: prefill uses " +
                                           std::to_string(prefill) + " of " +
                                           std::to_string(configured_->prefill_threads) + " threads");
    }
    llama_set_n_threads(context_.get(), fewer(configured_->generate_threads), prefill);
}

void Session::decode(llama_batch & batch, const char * stage) {
    const uint64_t mark = log_mark();
    if (profile_) {
        profile_->begin_graph(stage);
    }
    const int32_t status = llama_decode(context_.get(), batch);
    throw_if_cancelled();
    if (status != 0) {
        live_.reset(); // what the cache holds after a failure is not known
        fail(log_out_of_memory(mark) ? "OUT_OF_MEMORY" : "DECODE_FAILED", "llama_decode answered %d: %s", status,
             log_complaints(mark).c_str());
    }
}

// Returns the position after the chunk. Logits are computed for the last token only, and only if it is the prompt's.
int Session::decode_text(const mtmd_input_chunk * chunk, int position, bool last) {
    size_t count = 0;
    const llama_token * tokens = mtmd_input_chunk_get_tokens_text(chunk, &count);
    const int most = configured_->batch_tokens;
    struct OwnedBatch {
        explicit OwnedBatch(int tokens) : batch(llama_batch_init(tokens, 0, 1)) {}
        ~OwnedBatch() { llama_batch_free(batch); }
        llama_batch batch;
    } owned(most);
    llama_batch & batch = owned.batch;
    for (size_t done = 0; done < count;) {
        batch.n_tokens = 0;
        for (; done < count && batch.n_tokens < most; done++, batch.n_tokens++) {
            const int i = batch.n_tokens;
            batch.token[i] = tokens[done];
            batch.pos[i] = position++;
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = last && done + 1 == count ? 1 : 0;
        }
        decode(batch, "prefill");
    }
    return position;
}

void Session::decode_image(const mtmd_input_chunk * chunk, int & position, PrefillTimes & times) {
    float * values = mtmd_get_output_embd(encoder_.get());
    if (reuse_ != Reuse::none) {
        const PrefixCache::Embeddings * kept = kept_.embeddings(wanted_->image);
        if (kept == nullptr) {
            fail("DECODE_FAILED", "The image's embeddings are no longer kept: prepare it with its pixels.");
        }
        values = const_cast<float *>(kept->values.data()); // the helper only reads them
        times.reuse = Reuse::embeddings;
        times.reused_bytes = static_cast<double>(kept->values.size() * sizeof(float));
    }
    const uint64_t mark = log_mark();
    llama_pos next = position;
    if (profile_) {
        profile_->begin_graph("prefill");
    }
    const int32_t status = mtmd_helper_decode_image_chunk(encoder_.get(), context_.get(), chunk, values, position, 0,
                                                          configured_->batch_tokens, &next, nullptr, nullptr);
    throw_if_cancelled();
    if (status != 0) {
        fail(log_out_of_memory(mark) ? "OUT_OF_MEMORY" : "DECODE_FAILED",
             "The image could not be run through the language model (%d): %s", status, log_complaints(mark).c_str());
    }
    llama_synchronize(context_.get());
    position = next;
    if (wanted_) {
        live_ = *wanted_;
        live_->end = next;
    }
}

PrefillTimes Session::prefill() {
    need(Stage::encoded, "encode()");
    stage_ = Stage::encoded;
    make_room_for_others();
    PrefillTimes times;
    const bool prefix_there = take_up_prefix(times);
    if (prefix_there) {
        times.reuse = Reuse::kv_prefix;
    }
    bool image_seen = false;
    int position = prefix_there ? live_->end : 0;
    const size_t count = mtmd_input_chunks_size(chunks_.get());
    for (size_t i = 0; i < count; i++) {
        const mtmd_input_chunk * chunk = mtmd_input_chunks_get(chunks_.get(), i);
        const bool is_text = mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT;
        const bool in_prefix = prefix_there && !image_seen;
        image_seen = image_seen || !is_text;
        if (in_prefix) {
            continue;
        }
        const double start = clock_ms();
        if (is_text) {
            position = decode_text(chunk, position, i + 1 == count);
            llama_synchronize(context_.get());
            times.text_ms += clock_ms() - start;
        } else {
            decode_image(chunk, position, times);
            times.image_ms += clock_ms() - start;
        }
    }
    position_ = position;
    stage_ = Stage::prefilled;
    remember_memory();
    return times;
}

Generated Session::generate(int max_tokens, const std::string & grammar, const std::function<void(Token)> & on_token) {
    need(Stage::prefilled, "prefill()");
    if (max_tokens < 1) {
        fail("BAD_ARGUMENT", "maxTokens must be positive, not %d.", max_tokens);
    }
    const llama_vocab * vocab = llama_model_get_vocab(model_.get());
    Sampler sampler(vocab, grammar);
    stage_ = Stage::encoded; // what follows changes the cache: another answer needs another prefill

    const auto room = static_cast<int64_t>(llama_n_ctx(context_.get()));
    int64_t used = 0;
    for (size_t i = 0; i < mtmd_input_chunks_size(chunks_.get()); i++) {
        used += static_cast<int64_t>(mtmd_input_chunk_get_n_tokens(mtmd_input_chunks_get(chunks_.get(), i)));
    }
    Generated result;
    while (result.tokens < max_tokens) {
        throw_if_cancelled();
        const float * logits = llama_get_logits_ith(context_.get(), -1);
        if (logits == nullptr) {
            fail("DECODE_FAILED", "The language model gave no logits.");
        }
        const Choice choice = sampler.choose(logits);
        if (choice.token == LLAMA_TOKEN_NULL || (choice.overruled && choice.only_end_allowed)) {
            result.finish = "grammar";
            return result;
        }
        if (llama_vocab_is_eog(vocab, choice.token)) {
            result.finish = "eos";
            return result;
        }
        result.tokens++;
        on_token({choice.token, piece_of(vocab, choice.token), choice.log_prob, choice.overruled});
        if (result.tokens == max_tokens) {
            break;
        }
        if (used == room) {
            fail("CONTEXT_TOO_SMALL", "The answer grew beyond the context of %lld tokens.",
                 static_cast<long long>(room));
        }
        llama_token token = choice.token;
        llama_pos position = position_++;
        int32_t sequences = 1;
        llama_seq_id sequence = 0;
        llama_seq_id * sequence_list = &sequence;
        int8_t wants_logits = 1;
        llama_batch batch{1, &token, nullptr, &position, &sequences, &sequence_list, &wants_logits};
        decode(batch, "generate");
        used++;
    }
    result.finish = "length";
    return result;
}
