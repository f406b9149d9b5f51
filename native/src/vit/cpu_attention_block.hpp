// A piece of attention that one thread computes at a time.
#pragma once

#include <cstddef>

// Some queries of one head, and all of its keys and values. Rows of q and out are `width` floats, rows of k and v are
// `width` half floats. Strides are bytes from row to row.
struct AttentionBlock {
    static constexpr int QUERIES = 64;      // at most
    static constexpr int WIDEST_HEAD = 128; // widths are multiples of 4

    const char *q, *k, *v;
    char * out;
    size_t q_stride, k_stride, v_stride, out_stride;
    int queries, keys, width;
    float scale; // of the scores, times log2(e), so that the softmax can use powers of two
};

using AttentionFunction = void (*)(const AttentionBlock &);
