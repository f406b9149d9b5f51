// Compiled with AVX-512 F (CMakeLists.txt).
#define LANES 16
#define REGISTER_COLUMNS 4
#define HOLOSCOPE_ATTENTION attention_avx512
#include "vit/cpu_attention_kernel.hpp"
