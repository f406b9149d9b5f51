#include "sampling.hpp"

#include "failure.hpp"
#include "log.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>

namespace {

// Each token takes two passes over the logits (152,000 floats). With the baseline of x86-64 (SSE2) that was a tenth of
// generation on a fast GPU, so they are compiled for AVX2 as well; the loader picks the better one for the processor.
#if defined(__x86_64__) && defined(__GLIBC__)
#define HOLOSCOPE_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define HOLOSCOPE_VECTOR_CLONES
#endif

constexpr int LANES = 16;

// How many of the likeliest tokens the grammar is asked about before it is asked about all.
constexpr size_t LIKELIEST = 512;

// exp(x) for x <= 0 as 2^n * p(f), f in [-0.5, 0.5], with a polynomial of degree 6 (relative error about 1e-7). Without
// calls or branches, so that compilers vectorise the loop around it; std::exp would stay scalar.
inline float exp_of_negative(float x) {
    x = x < -87.0f ? -87.0f
                   : x; // smaller results would be denormal, and count for nothing beside the largest, which is 1
    const float scaled = x * 1.44269504f;
    const float rounded = static_cast<float>(static_cast<int32_t>(scaled - 0.5f));
    const float f = (scaled - rounded) * 0.693147181f;
    const float p =
        1.0f + f * (1.0f + f * (0.5f + f * (1.66666667e-1f +
                                            f * (4.16666667e-2f + f * (8.33333333e-3f + f * 1.38888889e-3f)))));
    const int32_t bits = (static_cast<int32_t>(rounded) + 127) << 23;
    float power;
    std::memcpy(&power, &bits, sizeof power);
    return p * power;
}

inline float largest(const float * values, int count) {
    float lanes[LANES];
    for (float & lane : lanes) {
        lane = -INFINITY;
    }
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            lanes[l] = values[i + l] > lanes[l] ? values[i + l] : lanes[l];
        }
    }
    float best = -INFINITY;
    for (; i < count; i++) {
        best = values[i] > best ? values[i] : best;
    }
    for (float lane : lanes) {
        best = lane > best ? lane : best;
    }
    return best;
}

} // namespace

HOLOSCOPE_VECTOR_CLONES llama_token argmax(const float * logits, int count) {
    const float best = largest(logits, count);
    for (int i = 0; i < count; i++) {
        if (logits[i] == best) {
            return i;
        }
    }
    return 0; // all NaN
}

HOLOSCOPE_VECTOR_CLONES float log_softmax(const float * logits, int count, int index, float best) {
    float lanes[LANES] = {};
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            lanes[l] += exp_of_negative(logits[i + l] - best);
        }
    }
    double sum = 0;
    for (; i < count; i++) {
        sum += exp_of_negative(logits[i] - best);
    }
    for (float lane : lanes) {
        sum += lane;
    }
    return static_cast<float>(static_cast<double>(logits[index]) - best - std::log(sum));
}

Sampler::Sampler(const llama_vocab * vocab, const VocabularyBytes & bytes, const std::string & grammar)
    : vocab_(vocab), bytes_(bytes), vocab_size_(llama_vocab_n_tokens(vocab)), end_token_(llama_vocab_eos(vocab)),
      names_tokens_(grammar.find('<') != std::string::npos) {
    if (grammar.empty()) {
        return;
    }
    const LogSection log;
    try {
        grammar_.reset(llama_sampler_init_grammar(vocab, grammar.c_str(), "root"));
    } catch (const std::exception & error) {
        fail("BAD_GRAMMAR", "The grammar cannot be used: %s.", error.what());
    }
    if (!grammar_) {
        // llama.cpp writes where the syntax error is to stderr, not to its log.
        fail("BAD_GRAMMAR", "The grammar has a syntax error or no usable `root` rule. %s", log.complaints().c_str());
    }
}

Sampler::NextBytes Sampler::next_bytes(llama_sampler * grammar) const {
    std::vector<llama_token_data> asked;
    asked.reserve(bytes_.single.size() + 1);
    for (const llama_token token : bytes_.single) {
        if (token != LLAMA_TOKEN_NULL) {
            asked.push_back({token, 1.0f, 0.0f});
        }
    }
    const size_t known = asked.size();
    if (end_token_ != LLAMA_TOKEN_NULL) {
        asked.push_back({end_token_, 1.0f, 0.0f});
    }
    llama_token_data_array array{asked.data(), asked.size(), -1, false};
    llama_sampler_apply(grammar, &array);
    NextBytes next;
    next.bytes.fill(NextBytes::Answer::unknown);
    for (size_t i = 0; i < asked.size(); i++) {
        const bool allowed = asked[i].logit != -INFINITY;
        if (i == known) {
            next.end = allowed;
            continue;
        }
        const auto byte = static_cast<size_t>(bytes_.first[static_cast<size_t>(asked[i].id)]);
        next.bytes[byte] = allowed ? NextBytes::Answer::yes : NextBytes::Answer::no;
    }
    return next;
}

std::string Sampler::forced_text(size_t most) const {
    std::string text;
    GrammarPointer ahead(grammar_ ? llama_sampler_clone(grammar_.get()) : nullptr, llama_sampler_free);
    while (ahead && text.size() < most) {
        const NextBytes next = next_bytes(ahead.get());
        const auto allowed = std::find(next.bytes.begin(), next.bytes.end(), NextBytes::Answer::yes);
        if (next.end || allowed == next.bytes.end() ||
            std::find(allowed + 1, next.bytes.end(), NextBytes::Answer::yes) != next.bytes.end()) {
            break;
        }
        const auto byte = static_cast<size_t>(allowed - next.bytes.begin());
        text.push_back(static_cast<char>(byte));
        llama_sampler_accept(ahead.get(), bytes_.single[byte]);
    }
    return text;
}

bool Sampler::grammar_allows(llama_token token) {
    llama_token_data one{token, 1.0f, 0.0f};
    llama_token_data_array array{&one, 1, -1, false};
    llama_sampler_apply(grammar_.get(), &array);
    return one.logit != -INFINITY;
}

void Sampler::accept(llama_token token) {
    if (!grammar_ || llama_vocab_is_eog(vocab_, token)) {
        return;
    }
    try {
        llama_sampler_accept(grammar_.get(), token);
    } catch (const std::exception & error) {
        fail("DECODE_FAILED", "The grammar lost its way after a token it had allowed: %s", error.what());
    }
}

// To ask the grammar about a whole vocabulary of 152,000 tokens takes some 75 ms. So it is asked about the 256 single
// bytes first, then about the likeliest tokens that begin with an allowed byte, and about all tokens that do only if it
// allows none of those.
void Sampler::best_allowed(const float * logits, Choice & choice) {
    std::array<bool, 256> begins;
    begins.fill(true);
    if (!names_tokens_) {
        const NextBytes next = next_bytes(grammar_.get());
        std::transform(next.bytes.begin(), next.bytes.end(), begins.begin(),
                       [](NextBytes::Answer answer) { return answer != NextBytes::Answer::no; });
    }
    candidates_.clear();
    for (int i = 0; i < vocab_size_; i++) {
        const int first = bytes_.first[static_cast<size_t>(i)];
        if ((first >= 0 && begins[static_cast<size_t>(first)]) || llama_vocab_is_eog(vocab_, i)) {
            // A NaN cannot be sorted.
            candidates_.push_back({i, std::isnan(logits[i]) ? -INFINITY : logits[i], 0.0f});
        }
    }
    const auto likelier = [](const llama_token_data & a, const llama_token_data & b) {
        return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
    };
    if (candidates_.size() > LIKELIEST) {
        const auto end = candidates_.begin() + static_cast<std::ptrdiff_t>(LIKELIEST);
        std::nth_element(candidates_.begin(), end, candidates_.end(), likelier);
        // A copy, because the grammar overwrites the logits that it refuses, and candidates_ may still be needed.
        likeliest_.assign(candidates_.begin(), end);
        choose_allowed(likeliest_, choice);
        if (choice.token != LLAMA_TOKEN_NULL && !choice.only_end_allowed) {
            return;
        }
    }
    choose_allowed(candidates_, choice);
}

void Sampler::choose_allowed(std::vector<llama_token_data> & candidates, Choice & choice) {
    llama_token_data_array array{candidates.data(), candidates.size(), -1, false};
    llama_sampler_apply(grammar_.get(), &array);
    choice.token = LLAMA_TOKEN_NULL;
    choice.only_end_allowed = true;
    float best = -INFINITY;
    for (size_t i = 0; i < array.size; i++) {
        const llama_token_data & candidate = array.data[i];
        if (candidate.logit == -INFINITY) {
            continue;
        }
        choice.only_end_allowed = choice.only_end_allowed && llama_vocab_is_eog(vocab_, candidate.id);
        if (candidate.logit > best || (candidate.logit == best && candidate.id < choice.token)) {
            best = candidate.logit;
            choice.token = candidate.id;
        }
    }
}

Choice Sampler::choose(const float * logits) {
    Choice choice;
    choice.token = argmax(logits, vocab_size_);
    const float best = logits[choice.token];
    if (grammar_ && !grammar_allows(choice.token)) {
        choice.overruled = true;
        best_allowed(logits, choice);
        if (choice.token == LLAMA_TOKEN_NULL) {
            return choice;
        }
    }
    choice.log_prob = log_softmax(logits, vocab_size_, choice.token, best);
    accept(choice.token);
    return choice;
}
