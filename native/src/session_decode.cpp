// The language model's part: decoding and prefill.
#include "session.hpp"

#include "failure.hpp"
#include "log.hpp"
#include "mtmd-helper.h"
#include "token_batch.hpp"

// If the encoder had to share its cores with other programs, the language model uses fewer threads, because ggml's
// threads wait for each other after every node. On two cores with one busy program each, prefill of the small detector
// took 4 to 16 times its idle time with two threads, and 1.4 times with one.
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
    const LogSection log;
    if (node_timer_) {
        node_timer_->begin_graph(stage);
    }
    const int32_t status = llama_decode(context_.get(), batch);
    throw_if_cancelled();
    if (status != 0) {
        forget_live_prefix(); // nobody knows what the cache holds after a failure
        log.fail("DECODE_FAILED", "llama_decode answered " + std::to_string(status));
    }
}

// Returns the position after the chunk. `last`: the chunk ends the prompt; only then its last token gets logits.
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
    const LogSection log;
    llama_pos next = position;
    if (node_timer_) {
        node_timer_->begin_graph("prefill");
    }
    const int32_t status = mtmd_helper_decode_image_chunk(encoder_.get(), context_.get(), chunk, values, position, 0,
                                                          configured_->batch_tokens, &next, nullptr, nullptr);
    throw_if_cancelled();
    if (status != 0) {
        log.fail("DECODE_FAILED",
                 "The image could not be run through the language model (" + std::to_string(status) + ")");
    }
    llama_synchronize(context_.get());
    position = next;
    if (wanted_) {
        live_ = *wanted_;
        live_->end = next;
        note_recurrent_state();
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
    const std::vector<const mtmd_input_chunk *> all = chunks();
    for (const mtmd_input_chunk * chunk : all) {
        const bool in_prefix = prefix_there && !image_seen;
        image_seen = image_seen || !is_text(chunk);
        if (in_prefix) {
            continue;
        }
        const double start = clock_ms();
        if (is_text(chunk)) {
            position = decode_text(chunk, position, chunk == all.back());
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
