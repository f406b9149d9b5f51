// The results of Session as JavaScript values; the shapes are those of native/types.ts.
#pragma once

#include "js.hpp"
#include "session.hpp"

Napi::Value to_js(Napi::Env env, const Nothing &); // undefined
Napi::Value to_js(Napi::Env env, const ModelInfo & info);
Napi::Value to_js(Napi::Env env, const PromptSize & size);
Napi::Value to_js(Napi::Env env, const Encoded & encoded);
Napi::Value to_js(Napi::Env env, const PrefillTimes & times);
Napi::Value to_js(Napi::Env env, const Generated & result);
Napi::Value to_js(Napi::Env env, const std::vector<NodeTimes> & nodes);
Napi::Value to_js(Napi::Env env, const MemoryReport & report);
Napi::Value tokens_to_js(Napi::Env env, std::vector<Token> & tokens);
