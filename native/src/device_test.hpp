// Whether the GPUs can compute at all.
#pragma once

// Computes a few numbers on each GPU that llama.cpp would use. A driver may report a GPU for which the prebuilt
// backend has no kernels that it can run: NVIDIA's refuses to compile those of a newer CUDA release than its own. That
// shows at the first kernel only, and then ggml aborts the process: better now, when the process is started and
// another backend can still be taken, than in a detection. Throws Failure("NATIVE_MISSING") if the result is wrong.
void test_gpu_devices();
