// The vision encoder's graph of the last image, for the next one of the same size: upstream builds, splits and allocates
// it anew for every image. CMake puts the calls into a copy of llama.cpp's clip.cpp (see CMakeLists.txt). One loaded model
// a process, hence one graph.
#pragma once

#include "clip-impl.h"
#include "ggml.h"

struct clip_ctx;

// The graph for images of these sizes, as kept_graph_store() left it, still allocated in `ctx`'s scheduler; nullptr where
// another one has to be built.
ggml_cgraph * kept_graph_find(const clip_ctx * ctx, const clip_image_f32_batch & images);

// Keeps a graph that is about to be allocated, if it depends on nothing but the images' sizes. Answers `graph`.
ggml_cgraph * kept_graph_store(const clip_ctx * ctx, const clip_image_f32_batch & images, ggml_cgraph * graph);

// For when graphs of the same size are to be built in another way, after a computation that did not end, and before the
// encoder is freed.
void kept_graph_forget();

// Whether kept_graph_find() last found one.
bool kept_graph_used();
