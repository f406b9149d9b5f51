// Module entry: opens the backends, describes the machine.
#include "device_test.hpp"
#include "devices.hpp"
#include "js.hpp"
#include "log.hpp"
#include "session_js.hpp"
#include "threads.hpp"

#include "ggml-backend.h"
#include "llama.h"

#include <mutex>

namespace {

Napi::Value line_to_js(Napi::Env env, const LogLine & line) {
    static const char * const NAMES[] = {"debug", "info", "warn", "error"};
    return object_to_js(env, "level", NAMES[static_cast<int>(line.level)], "text", line.text);
}

Napi::Value log_to_js(Napi::Env env, std::vector<LogLine> & lines) {
    return list_to_js(env, lines, line_to_js);
}

// ggml keeps backends loaded for the life of the process, so a second call does nothing.
void load_backends(const std::string & bins, const std::vector<std::string> & fallbacks, bool cpu_only) {
    static std::once_flag once;
    std::call_once(once, [&] {
        ggml_backend_load_all_from_path(bins.c_str());
        for (const std::string & path : fallbacks) {
            if (!cpu_only && !has_gpu_device()) {
                ggml_backend_load(path.c_str());
            }
        }
        llama_backend_init();
    });
}

void listen(Napi::Env env, const Napi::Function & receiver) {
    auto stream = Stream<LogLine>::open(env, receiver, "holoscope log", log_to_js);
    stream->unref(env);
    log_listen([stream](const LogLine & line) { stream->push(line); });
    env.AddCleanupHook([stream] {
        log_listen(nullptr);
        stream->abandon();
    });
}

// open({bins, fallbackBackends, cpuOnly, onLog})
Napi::Value open(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    try {
        const Options options(info[0]);
        const bool cpu_only = options.flag("cpuOnly");
        env.GetInstanceData<AddonState>()->cpu_only = cpu_only;
        log_install();
        listen(env, options.function("onLog"));
        load_backends(options.text("bins"), options.texts("fallbackBackends"), cpu_only);
        if (ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) == nullptr) {
            fail("NATIVE_MISSING", "No CPU backend could be loaded from %s.", options.text("bins").c_str());
        }
        // A GPU variant without a GPU would compute on the CPU and say nothing.
        if (!cpu_only && !has_gpu_device()) {
            fail("NO_DEVICE", "No GPU was found. Check that its driver is installed, or choose the CPU.");
        }
        if (!cpu_only) {
            test_gpu_devices();
        }
    } catch (const Failure & failure) {
        throw js_error(env, failure.code, failure.what());
    }
    return env.Undefined();
}

const char * device_type_name(ggml_backend_dev_t device) {
    switch (ggml_backend_dev_type(device)) {
        case GGML_BACKEND_DEVICE_TYPE_CPU: return "cpu";
        case GGML_BACKEND_DEVICE_TYPE_GPU: return "gpu";
        case GGML_BACKEND_DEVICE_TYPE_IGPU: return "igpu";
        default: return "accel";
    }
}

Napi::Value system_info(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    Napi::Array devices = Napi::Array::New(env);
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        ggml_backend_dev_t device = ggml_backend_dev_get(i);
        const std::string type = device_type_name(device);
        if (env.GetInstanceData<AddonState>()->cpu_only && (type == "gpu" || type == "igpu")) {
            continue;
        }
        size_t free = 0, total = 0;
        ggml_backend_dev_memory(device, &free, &total);
        Napi::Object item = object_to_js(env, "name", ggml_backend_dev_name(device), "description",
                                         ggml_backend_dev_description(device), "type", type, "backend",
                                         ggml_backend_reg_name(ggml_backend_dev_backend_reg(device)), "memoryFree",
                                         static_cast<double>(free), "memoryTotal", static_cast<double>(total));
        devices.Set(devices.Length(), item);
    }
    return object_to_js(env, "llamaCppRelease", LLAMA_RELEASE, "features", llama_print_system_info(), "physicalCores",
                        physical_cores(), "devices", devices);
}

Napi::Value shutdown(const Napi::CallbackInfo & info) {
    free_all_sessions(*info.Env().GetInstanceData<AddonState>());
    return info.Env().Undefined();
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
    env.SetInstanceData(new AddonState); // the environment deletes it
    exports.Set("open", Napi::Function::New(env, open, "open"));
    exports.Set("systemInfo", Napi::Function::New(env, system_info, "systemInfo"));
    exports.Set("shutdown", Napi::Function::New(env, shutdown, "shutdown"));
    exports.Set("Session", define_session_class(env));
    return exports;
}

} // namespace

NODE_API_MODULE(holoscope, initialize)
