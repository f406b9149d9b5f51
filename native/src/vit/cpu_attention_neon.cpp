// 64-bit Arm has NEON always.
#define LANES 4
#define REGISTER_COLUMNS 4
#define HOLOSCOPE_ATTENTION attention_neon
#include "vit/cpu_attention_kernel.hpp"
