// Compiled with AVX2 and FMA (CMakeLists.txt).
#define LANES 8
#define REGISTER_COLUMNS 2
#define HOLOSCOPE_ATTENTION attention_avx2
#include "vit/cpu_attention_kernel.hpp"
