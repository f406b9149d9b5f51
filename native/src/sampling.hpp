// Greedy choice of the next token, with or without a grammar.
#pragma once

#include "llama.h"

#include <memory>
#include <string>
#include <vector>

struct Choice {
    llama_token token = LLAMA_TOKEN_NULL; // NULL: the grammar allows nothing at all
    float log_prob = 0;                   // natural log of softmax over all raw logits
    bool overruled = false;               // the grammar refused the model's first choice
    bool only_end_allowed = false;        // the grammar is complete: nothing but an end token was possible
};

// Index of the largest logit. NaNs lose.
llama_token argmax(const float * logits, int count);

// log(softmax(logits)[index]) given the largest logit; error below 1e-5.
float log_softmax(const float * logits, int count, int index, float largest);

class Sampler {
  public:
    // Empty grammar = unconstrained. Throws Failure BAD_GRAMMAR.
    Sampler(const llama_vocab * vocab, const std::string & grammar);

    Choice choose(const float * logits);

  private:
    bool grammar_allows(llama_token token);
    void accept(llama_token token);
    void best_allowed(const float * logits, Choice & choice);
    void choose_allowed(std::vector<llama_token_data> & candidates, Choice & choice);

    const llama_vocab * vocab_;
    int vocab_size_;
    std::unique_ptr<llama_sampler, decltype(&llama_sampler_free)> grammar_{nullptr, llama_sampler_free};
    std::vector<llama_token_data> candidates_, likeliest_;
};
