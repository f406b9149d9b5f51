#pragma once

#include "session.hpp"

#include <napi.h>

#include <memory>
#include <vector>

// What one JavaScript environment (a process's main thread, or a worker) has of the addon: its instance data.
struct AddonState {
    bool cpu_only = false; // ignore every GPU: the cpu variant, on a machine whose binaries know a GPU
    std::vector<std::weak_ptr<Session>> sessions;
};

// The JavaScript class around Session; see native/index.ts for its shape. The environment has an AddonState.
Napi::Function define_session_class(Napi::Env env);

// Cancels and frees every session. For the end of the process: blocks until running calls have stopped.
void free_all_sessions(const AddonState & addon);
