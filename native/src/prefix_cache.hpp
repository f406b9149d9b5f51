// What is kept of recent images in host memory: the encoder's embeddings, and the KV cache's part for the prompt up to
// the image's end. Bytes and images are limited; the least recently used image goes first.
#pragma once

#include "llama.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

// How the encoder computed an image.
struct EncoderPath {
    bool windowed = false;      // also false for a model without windowed layers
    bool cpu_attention = false; // also false on a GPU, without flash attention, and where there is no kernel
};

// The prompt up to the image's end, and everything that determines its keys and values.
struct ImagePrefix {
    std::string image;               // the caller's key of the image
    std::vector<llama_token> before; // the text before the image
    int image_tokens = 0;
    int batch = 0, micro_batch = 0; // image tokens computed at once
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    llama_pos end = 0;        // position after the image; with M-RoPE an image takes fewer positions than tokens
    bool asked_again = false; // a second prompt has used it

    // Whether both have the same keys and values (and hence the same end).
    bool same_as(const ImagePrefix & other) const;
};

struct PrefixState {
    ImagePrefix prefix;
    std::unique_ptr<uint8_t[]> data; // as llama_state_seq_get_data writes it
    size_t bytes = 0;
};

class PrefixCache {
  public:
    struct Embeddings {
        std::vector<float> values; // [token][value]
        EncoderPath path;
    };

    static constexpr size_t MOST_IMAGES = 8;

    void set_budget(size_t bytes);
    void clear();

    // The embeddings of an image, or null. Counts as use of the image.
    const Embeddings * embeddings(const std::string & image);
    // The state of exactly this prefix, or null.
    const PrefixState * state(const ImagePrefix & prefix);

    // Neither keeps what exceeds the budget. A state is kept only beside its image's embeddings.
    void keep(const std::string & image, Embeddings embeddings);
    void keep(PrefixState state);
    // Whether keep() would keep a state of this prefix that is not there yet.
    bool wants_state(const ImagePrefix & prefix, size_t bytes);

    size_t bytes() const { return bytes_; }

  private:
    struct Entry {
        std::string image;
        Embeddings embeddings;
        PrefixState state;
        size_t bytes() const { return embeddings.values.size() * sizeof(float) + state.bytes; }
    };

    std::list<Entry>::iterator find(const std::string & image);
    void trim();

    std::list<Entry> entries_; // last used first
    size_t budget_ = 0, bytes_ = 0;
};
