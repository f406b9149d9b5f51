#include "vocabulary.hpp"

#include <algorithm>
#include <cstddef>

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

std::vector<llama_token> tokens_of(const llama_vocab * vocab, const std::string & text) {
    // Each token has at least a byte, except for a space that some tokenizers put in front.
    std::vector<llama_token> tokens(text.size() + 2);
    const int count =
        llama_tokenize(vocab, text.data(), static_cast<int>(text.size()), tokens.data(),
                       static_cast<int>(tokens.size()), /* add_special */ false, /* parse_special */ false);
    tokens.resize(static_cast<size_t>(std::max(count, 0)));
    return tokens;
}

VocabularyBytes vocabulary_bytes(const llama_vocab * vocab) {
    VocabularyBytes bytes;
    bytes.single.fill(LLAMA_TOKEN_NULL);
    const int count = llama_vocab_n_tokens(vocab);
    bytes.first.reserve(static_cast<size_t>(count));
    for (llama_token token = 0; token < count; token++) {
        const std::string piece = piece_of(vocab, token);
        const int first = piece.empty() ? -1 : static_cast<unsigned char>(piece[0]);
        bytes.first.push_back(static_cast<int16_t>(first));
        if (piece.size() == 1 && bytes.single[static_cast<size_t>(first)] == LLAMA_TOKEN_NULL) {
            bytes.single[static_cast<size_t>(first)] = token;
        }
    }
    return bytes;
}
