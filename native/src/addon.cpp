// Module entry: opens the backends, describes the machine, reads GGUF headers.
#include "device_test.hpp"
#include "gguf.hpp"
#include "js.hpp"
#include "log.hpp"
#include "session_js.hpp"
#include "threads.hpp"

#include "ggml-backend.h"
#include "llama.h"

#include <cmath>
#include <mutex>

namespace {

constexpr double LARGEST_SAFE_INTEGER = 9007199254740991.0;

Napi::Value log_to_js(Napi::Env env, std::vector<LogLine> & lines) {
    static const char * const NAMES[] = {"debug", "info", "warn", "error"};
    Napi::Array out = Napi::Array::New(env, lines.size());
    for (size_t i = 0; i < lines.size(); i++) {
        Napi::Object line = Napi::Object::New(env);
        line.Set("level", NAMES[static_cast<int>(lines[i].level)]);
        line.Set("text", lines[i].text);
        out.Set(static_cast<uint32_t>(i), line);
    }
    return out;
}

bool has_gpu_device() {
    return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_GPU) != nullptr ||
           ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_IGPU) != nullptr;
}

// Backends stay loaded for the life of the process, so a second call does nothing.
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
        std::vector<std::string> fallbacks;
        const Napi::Value list = info[0].As<Napi::Object>().Get("fallbackBackends");
        if (list.IsArray()) {
            const auto array = list.As<Napi::Array>();
            for (uint32_t i = 0; i < array.Length(); i++) {
                fallbacks.push_back(array.Get(i).ToString().Utf8Value());
            }
        }
        set_cpu_only(options.flag("cpuOnly"));
        log_install();
        listen(env, options.function("onLog"));
        load_backends(options.text("bins"), fallbacks, is_cpu_only());
        if (ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) == nullptr) {
            fail("NATIVE_MISSING", "No CPU backend could be loaded from %s.", options.text("bins").c_str());
        }
        // A GPU variant without a GPU would compute on the CPU and say nothing.
        if (!is_cpu_only() && !has_gpu_device()) {
            fail("NO_DEVICE", "No GPU was found. Check that its driver is installed, or choose the CPU.");
        }
        if (!is_cpu_only()) {
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
        if (is_cpu_only() && (type == "gpu" || type == "igpu")) {
            continue;
        }
        size_t free = 0, total = 0;
        ggml_backend_dev_memory(device, &free, &total);
        Napi::Object item = Napi::Object::New(env);
        item.Set("name", ggml_backend_dev_name(device));
        item.Set("description", ggml_backend_dev_description(device));
        item.Set("type", type);
        item.Set("backend", ggml_backend_reg_name(ggml_backend_dev_backend_reg(device)));
        item.Set("memoryFree", static_cast<double>(free));
        item.Set("memoryTotal", static_cast<double>(total));
        devices.Set(devices.Length(), item);
    }
    Napi::Object out = Napi::Object::New(env);
    out.Set("llamaCppRelease", LLAMA_RELEASE);
    out.Set("features", llama_print_system_info());
    out.Set("physicalCores", physical_cores());
    out.Set("devices", devices);
    return out;
}

Napi::Value scalar_to_js(Napi::Env env, const GgufScalar & scalar) {
    if (const auto * u = std::get_if<uint64_t>(&scalar)) {
        return static_cast<double>(*u) <= LARGEST_SAFE_INTEGER
                   ? Napi::Value(Napi::Number::New(env, static_cast<double>(*u)))
                   : Napi::Value(Napi::BigInt::New(env, *u));
    }
    if (const auto * i = std::get_if<int64_t>(&scalar)) {
        return std::fabs(static_cast<double>(*i)) <= LARGEST_SAFE_INTEGER
                   ? Napi::Value(Napi::Number::New(env, static_cast<double>(*i)))
                   : Napi::Value(Napi::BigInt::New(env, *i));
    }
    if (const auto * d = std::get_if<double>(&scalar)) {
        return Napi::Number::New(env, *d);
    }
    if (const auto * b = std::get_if<bool>(&scalar)) {
        return Napi::Boolean::New(env, *b);
    }
    return Napi::String::New(env, std::get<std::string>(scalar));
}

Napi::Value gguf_to_js(Napi::Env env, GgufFile & file) {
    Napi::Object metadata = Napi::Object::New(env);
    Napi::Object lengths = Napi::Object::New(env);
    for (const auto & [key, entry] : file.metadata) {
        const Napi::String name = Napi::String::New(env, key);
        if (!entry.is_array) {
            metadata.Set(name, scalar_to_js(env, entry.values.front()));
            continue;
        }
        Napi::Array values = Napi::Array::New(env, entry.values.size());
        for (size_t i = 0; i < entry.values.size(); i++) {
            values.Set(static_cast<uint32_t>(i), scalar_to_js(env, entry.values[i]));
        }
        metadata.Set(name, values);
        lengths.Set(name, static_cast<double>(entry.length));
    }
    Napi::Array tensors = Napi::Array::New(env, file.tensors.size());
    for (size_t i = 0; i < file.tensors.size(); i++) {
        const GgufTensorInfo & tensor = file.tensors[i];
        Napi::Array shape = Napi::Array::New(env, tensor.shape.size());
        for (size_t d = 0; d < tensor.shape.size(); d++) {
            shape.Set(static_cast<uint32_t>(d), static_cast<double>(tensor.shape[d]));
        }
        Napi::Object item = Napi::Object::New(env);
        item.Set("name", tensor.name);
        item.Set("type", tensor.type);
        item.Set("shape", shape);
        item.Set("bytes", static_cast<double>(tensor.bytes));
        tensors.Set(static_cast<uint32_t>(i), item);
    }
    Napi::Object out = Napi::Object::New(env);
    out.Set("version", file.version);
    out.Set("fileBytes", static_cast<double>(file.file_bytes));
    out.Set("metadata", metadata);
    out.Set("arrayLengths", lengths);
    out.Set("tensors", tensors);
    return out;
}

Napi::Value read_header(const Napi::CallbackInfo & info) {
    if (!info[0].IsString()) {
        return rejected(info.Env(), "BAD_ARGUMENT", "A path is expected.");
    }
    const std::string path = info[0].As<Napi::String>().Utf8Value();
    return Job<GgufFile>::start(info.Env(), [path] { return read_gguf(path); }, gguf_to_js);
}

Napi::Value shutdown(const Napi::CallbackInfo & info) {
    free_all_sessions();
    return info.Env().Undefined();
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
    exports.Set("open", Napi::Function::New(env, open, "open"));
    exports.Set("systemInfo", Napi::Function::New(env, system_info, "systemInfo"));
    exports.Set("readGguf", Napi::Function::New(env, read_header, "readGguf"));
    exports.Set("shutdown", Napi::Function::New(env, shutdown, "shutdown"));
    exports.Set("Session", define_session_class(env));
    return exports;
}

} // namespace

NODE_API_MODULE(holoscope, initialize)
