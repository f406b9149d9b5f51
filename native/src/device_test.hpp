// Whether the GPUs can compute at all.
#pragma once

// Computes a few numbers on each GPU that llama.cpp would use. A driver may report a GPU but be unable to run the
// prebuilt backend's kernels: NVIDIA's cannot compile those of a CUDA release that is newer than the driver. That only
// shows when the first kernel runs, and then ggml aborts the process. Here it happens as the process starts, when
// another backend can still be taken, and not in the middle of a detection. Throws Failure("NATIVE_MISSING") if the
// result is wrong.
void test_gpu_devices();
