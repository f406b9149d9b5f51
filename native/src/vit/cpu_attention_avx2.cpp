// Compiled with AVX2, FMA and F16C (CMakeLists.txt).
#define LANES 8
#define REGISTER_COLUMNS 2
#define HOLOSCOPE_ATTENTION attention_avx2
#include "vit/cpu_attention_kernel.hpp"
