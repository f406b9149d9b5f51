// Qwen2.5-VL's vision encoder with its windowed layers computed as what they are: attention inside each window of 8x8
// patches. llama.cpp computes them as attention of all patches with all, behind a mask of n x n values; both give the
// same embeddings to rounding. CMake puts the two calls below into a copy of llama.cpp's clip.cpp (see CMakeLists.txt).
#pragma once

#include "models/models.h"
#include "vit/padded_ffn.hpp"

#include <memory>

// Which of the two the next graph is built as; windowed at first. One loaded model a process, hence one choice.
void vit_use_windowed(bool windowed);

// FFN weights that windowed graphs use in place of the model's from now on; nullptr: the model's own.
void vit_use_padded_ffn(const PaddedFfn * padded);

// Whether the graph built last is the windowed one: false for models without windows, whatever was chosen.
bool vit_last_was_windowed();

// In place of upstream's choice of a graph for QWEN2VL and QWEN25VL.
std::unique_ptr<clip_graph> vit_qwen2vl_graph(clip_ctx * ctx, const clip_image_f32 & img, const clip_hparams & hparams);

// Sets positions and window order of a windowed graph. False, and nothing done, for every other graph.
// `width` and `height` are px of the image.
bool vit_set_windowed_inputs(ggml_cgraph * graph, const clip_hparams & hparams, int width, int height);
