// Tokens and the bytes that they stand for.
#pragma once

#include "llama.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

// The token's bytes, control tokens as their names.
std::string piece_of(const llama_vocab * vocab, llama_token token);

// The text as the model's tokenizer splits it; control tokens' names are plain text.
std::vector<llama_token> tokens_of(const llama_vocab * vocab, const std::string & text);

// What a grammar needs to know of the tokens' bytes.
struct VocabularyBytes {
    std::vector<int16_t> first;          // byte that each token begins with; -1: it has no bytes
    std::array<llama_token, 256> single; // token that is just this byte, or LLAMA_TOKEN_NULL
};

// Goes through the whole vocabulary.
VocabularyBytes vocabulary_bytes(const llama_vocab * vocab);
