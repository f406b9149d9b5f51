// Greedy choice of the next token, with or without a grammar.
#pragma once

#include "vocabulary.hpp"

#include "llama.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct Choice {
    llama_token token = LLAMA_TOKEN_NULL; // NULL: the grammar allows nothing at all
    float log_prob = 0;                   // natural log of softmax over all raw logits
    bool overruled = false;               // the grammar refused the model's first choice
    bool only_end_allowed = false;        // the grammar is complete: nothing but an end token was possible
};

// Index of the largest logit. A NaN is never the largest.
llama_token argmax(const float * logits, int count);

// log(softmax(logits)[index]), given the largest logit. The error is below 1e-5.
float log_softmax(const float * logits, int count, int index, float largest);

class Sampler {
  public:
    // An empty grammar allows everything. `bytes` are the vocabulary's and must outlive the sampler. Throws Failure
    // BAD_GRAMMAR.
    Sampler(const llama_vocab * vocab, const VocabularyBytes & bytes, const std::string & grammar);

    Choice choose(const float * logits);

    // Up to `most` bytes that must follow: as long as the grammar allows exactly one byte and no end. Empty without a
    // grammar.
    std::string forced_text(size_t most) const;

  private:
    bool grammar_allows(llama_token token);
    void accept(llama_token token);
    void best_allowed(const float * logits, Choice & choice);
    void choose_allowed(std::vector<llama_token_data> & candidates, Choice & choice);

    // Which bytes a grammar allows next. Unknown for a byte that is not a token by itself.
    struct NextBytes {
        enum class Answer : uint8_t { no, yes, unknown };
        std::array<Answer, 256> bytes;
        bool end = false;
    };
    NextBytes next_bytes(llama_sampler * grammar) const;

    using GrammarPointer = std::unique_ptr<llama_sampler, decltype(&llama_sampler_free)>;

    const llama_vocab * vocab_;
    const VocabularyBytes & bytes_;
    int vocab_size_;
    llama_token end_token_; // one of the tokens that end an answer
    GrammarPointer grammar_{nullptr, llama_sampler_free};
    bool names_tokens_ = false; // the grammar may name whole tokens, not only characters
    std::vector<llama_token_data> candidates_, likeliest_;
};
