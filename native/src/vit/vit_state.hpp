// What Holoscope adds to one vision encoder. A member of llama.cpp's clip_ctx (native/patches), so that every encoder
// has its own and several sessions can live in one process.
#pragma once

#include "vit/cpu_attention.hpp"
#include "vit/padded_ffn.hpp"

#include <deque>
#include <memory>

struct VitState {
    // How the next graph is built. Not to be changed while the encoder runs.
    bool windowed = true; // compute windowed layers as windows; false: with a mask, as upstream does
    AttentionFunction cpu_attention = nullptr; // cpu_attention_kernel(), or null for ggml's own attention
    std::unique_ptr<PaddedFfn> padded_ffn;     // used by windowed graphs in place of the model's weights; may be null

    // What the last graph uses. False for a model without windowed layers, and empty where attention_takes() none.
    bool is_windowed = false;
    std::deque<AttentionNode> attention_nodes; // a deque, because the graph's nodes point to them

    // A new graph takes over the memory of the last one, which therefore never runs again.
    void begin_graph() {
        is_windowed = false;
        attention_nodes.clear();
    }
};
