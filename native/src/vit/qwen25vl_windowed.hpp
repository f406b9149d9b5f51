// Qwen2.5-VL's vision encoder with its windowed layers computed as what they are: attention inside each window of 8x8
// patches. llama.cpp computes attention between all patches behind a mask of n x n values; both give the same
// embeddings to rounding. Our copy of llama.cpp's clip.cpp calls the two functions below (native/patches).
#pragma once

#include "models/models.h"

#include <memory>

// In place of upstream's choice of a graph for QWEN2VL and QWEN25VL.
std::unique_ptr<clip_graph> vit_qwen2vl_graph(clip_ctx * ctx, const clip_image_f32 & img);

// Sets positions and window order of a windowed graph. For any other graph it does nothing and returns false.
// `width` and `height` are px of the image.
bool vit_set_windowed_inputs(ggml_cgraph * graph, const clip_hparams & hparams, int width, int height);
