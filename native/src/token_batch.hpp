// Tokens of one sequence on their way to llama_decode.
#pragma once

#include "llama.h"

class TokenBatch {
  public:
    explicit TokenBatch(int capacity) : batch_(llama_batch_init(capacity, 0, 1)) {}
    ~TokenBatch() { llama_batch_free(batch_); }
    TokenBatch(const TokenBatch &) = delete;
    TokenBatch & operator=(const TokenBatch &) = delete;

    void clear() { batch_.n_tokens = 0; }

    // No more tokens than the capacity.
    void add(llama_token token, llama_pos position, bool wants_logits) {
        const int i = batch_.n_tokens++;
        batch_.token[i] = token;
        batch_.pos[i] = position;
        batch_.n_seq_id[i] = 1;
        batch_.seq_id[i][0] = 0;
        batch_.logits[i] = wants_logits ? 1 : 0;
    }

    int size() const { return batch_.n_tokens; }
    llama_batch & get() { return batch_; }

  private:
    llama_batch batch_;
};
