#include "mtmd.cpp" // upstream's translation unit

#include "encoder_hooks.hpp"

clip_ctx * encoder_hook_vision(mtmd_context * context) {
    return context->ctx_v;
}
