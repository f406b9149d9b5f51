#pragma once

#include <napi.h>

// The JavaScript class around Session; see native/index.ts for its shape.
Napi::Function define_session_class(Napi::Env env);

// Cancels and frees every session of the process. For the end of the process: blocks until running calls stopped.
void free_all_sessions();

// Whether GPU devices are to be ignored (the cpu variant on a machine whose binaries know a GPU).
void set_cpu_only(bool cpu_only);
bool is_cpu_only();
