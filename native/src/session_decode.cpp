// The language model's part: decoding and prefill.
#include "session.hpp"

#include "failure.hpp"
#include "log.hpp"
#include "mtmd-helper.h"
#include "token_batch.hpp"

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
    TokenBatch batch(most);
    for (size_t done = 0; done < count;) {
        batch.clear();
        for (; done < count && batch.size() < most; done++) {
            batch.add(tokens[done], position++, last && done + 1 == count);
        }
        decode(batch.get(), "prefill");
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
