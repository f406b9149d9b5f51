// The results of Session as JavaScript objects; the shapes are those of native/types.ts.
#pragma once

#include "session.hpp"

#include <napi.h>

Napi::Value model_info_to_js(Napi::Env env, ModelInfo & info);
Napi::Value prompt_size_to_js(Napi::Env env, PromptSize & size);
Napi::Value encoded_to_js(Napi::Env env, Encoded & encoded);
Napi::Value prefill_times_to_js(Napi::Env env, PrefillTimes & times);
Napi::Value tokens_to_js(Napi::Env env, std::vector<Token> & tokens);
Napi::Value generated_to_js(Napi::Env env, Generated & result);
Napi::Value node_profile_to_js(Napi::Env env, std::vector<NodeTimes> & nodes);
Napi::Value memory_to_js(Napi::Env env, const MemoryReport & report);
