// What is kept of the images that were run last: the encoder's embeddings, and the KV cache's part for the prompt up to
// the image's end. In host memory, at most a number of bytes and of images, the least recently used given up first.
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
    bool windowed = false;      // false too for a model that has no windows
    bool cpu_attention = false; // false too on a GPU, without flash attention, and where there is no kernel

    bool operator!=(const EncoderPath & other) const {
        return windowed != other.windowed || cpu_attention != other.cpu_attention;
    }
};

// The prompt up to the image's end, and everything that decides which keys and values it gets.
struct ImagePrefix {
    std::string image;               // the caller's key of the image
    std::vector<llama_token> before; // the text before the image
    int image_tokens = 0;
    int batch = 0, micro_batch = 0; // how many of the image's tokens are computed at once
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    llama_pos end = 0;        // position after the image; with M-RoPE less than its tokens
    bool asked_again = false; // used by a second prompt

    // True if both stand for the same keys and values; the end follows from that.
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

    // The embeddings of an image, or null. The image is then the last one to be given up.
    const Embeddings * embeddings(const std::string & image);
    // The state of exactly this prefix, or null.
    const PrefixState * state(const ImagePrefix & prefix) const;

    // Both leave out what does not fit the budget. A state is kept beside its image's embeddings only.
    void keep(const std::string & image, Embeddings embeddings);
    void keep(PrefixState state);
    // True if a state of this prefix would be kept and is not there yet.
    bool wants_state(const ImagePrefix & prefix, size_t bytes) const;

    size_t bytes() const { return bytes_; }

  private:
    struct Entry {
        std::string image;
        Embeddings embeddings;
        PrefixState state;
        size_t bytes() const { return embeddings.values.size() * sizeof(float) + state.bytes; }
    };

    const Entry * find(const std::string & image) const;
    void trim();

    std::list<Entry> entries_; // last used first
    size_t budget_ = 0, bytes_ = 0;
};
