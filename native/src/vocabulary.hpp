// Tokens, and the bytes that they stand for.
#pragma once

#include "llama.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

// The token's bytes; of a control token its name.
std::string piece_of(const llama_vocab * vocab, llama_token token);

// The text as the model's tokenizer splits it. A control token's name in it counts as plain text.
std::vector<llama_token> tokens_of(const llama_vocab * vocab, const std::string & text);

// What Sampler needs to know of the tokens' bytes.
struct VocabularyBytes {
    std::vector<int16_t> first;          // by token: its first byte, or -1 if it has none
    std::array<llama_token, 256> single; // by byte: the token that is just this byte, or LLAMA_TOKEN_NULL
};

// Goes through the whole vocabulary, so it is made once a model.
VocabularyBytes vocabulary_bytes(const llama_vocab * vocab);
