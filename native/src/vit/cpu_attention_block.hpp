// A piece of attention that one thread computes at a time.
#pragma once

#include <cstddef>

// Some queries of one head with all of its keys. Rows of q and out are `width` floats, those of k and v as many half floats;
// strides are bytes between rows.
struct AttentionBlock {
    static constexpr int QUERIES = 64;      // at most
    static constexpr int WIDEST_HEAD = 128; // widths are multiples of 4

    const char *q, *k, *v;
    char * out;
    size_t q_stride, k_stride, v_stride, out_stride;
    int queries, keys, width;
    float scale; // of the scores, times log2(e): weights are powers of two
};

using AttentionFunction = void (*)(const AttentionBlock &);
