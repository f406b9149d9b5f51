#include "session_js.hpp"

#include "js.hpp"
#include "session_to_js.hpp"

#include <set>
#include <utility>
#include <vector>

namespace {

bool cpu_only = false;

llama_flash_attn_type flash_attention_of(const Options & options) {
    const std::string text = options.text("flashAttention");
    if (text == "auto") return LLAMA_FLASH_ATTN_TYPE_AUTO;
    if (text == "on") return LLAMA_FLASH_ATTN_TYPE_ENABLED;
    if (text == "off") return LLAMA_FLASH_ATTN_TYPE_DISABLED;
    fail("BAD_ARGUMENT", "flashAttention must be \"auto\", \"on\" or \"off\".");
}

FfnPadding ffn_padding_of(const Options & options) {
    const std::string text = options.text("ffnPadding");
    if (text == "auto") return FfnPadding::automatic;
    if (text == "on") return FfnPadding::on;
    if (text == "off") return FfnPadding::off;
    fail("BAD_ARGUMENT", "ffnPadding must be \"auto\", \"on\" or \"off\".");
}

bool vit_is_windowed(const Options & options) {
    const std::string text = options.text("vit");
    if (text == "windowed") return true;
    if (text == "upstream") return false;
    fail("BAD_ARGUMENT", "vit must be \"windowed\" or \"upstream\".");
}

Napi::Value undefined(Napi::Env env, Nothing &) {
    return env.Undefined();
}

std::mutex registry_mutex;
std::set<std::shared_ptr<Session>> & registry() {
    static auto * sessions = new std::set<std::shared_ptr<Session>>; // outlives static destruction
    return *sessions;
}

// One at a time: a call begins and ends on the JavaScript thread, so plain members tell whether one is running.
class SessionObject : public Napi::ObjectWrap<SessionObject> {
  public:
    explicit SessionObject(const Napi::CallbackInfo & info)
        : Napi::ObjectWrap<SessionObject>(info), session_(std::make_shared<Session>()),
          state_(std::make_shared<State>()) {
        std::lock_guard<std::mutex> lock(registry_mutex);
        registry().insert(session_);
    }

    ~SessionObject() override {
        std::lock_guard<std::mutex> lock(registry_mutex);
        registry().erase(session_);
    }

    static Napi::Function define(Napi::Env env) {
        return DefineClass(env, "Session",
                           {
                               InstanceMethod("load", &SessionObject::load),
                               InstanceMethod("configure", &SessionObject::configure),
                               InstanceMethod("prepare", &SessionObject::prepare),
                               InstanceMethod("keeps", &SessionObject::keeps),
                               InstanceMethod("encode", &SessionObject::encode),
                               InstanceMethod("prefill", &SessionObject::prefill),
                               InstanceMethod("generate", &SessionObject::generate),
                               InstanceMethod("nodeProfile", &SessionObject::node_profile),
                               InstanceMethod("cancel", &SessionObject::cancel),
                               InstanceMethod("memory", &SessionObject::memory),
                               InstanceMethod("free", &SessionObject::free),
                           });
    }

  private:
    struct State {
        bool busy = false;
        bool freed = false;
        std::vector<Job<Nothing> *> waiting; // for the running call to settle
    };

    // Starts `work(session)` off the JavaScript thread, unless the session is busy or freed.
    template <class Result, class Work>
    Napi::Value start(Napi::Env env, Work work, typename Job<Result>::ToJs to_js,
                      typename Job<Result>::Settled settled = nullptr) {
        state_->busy = true;
        session_->clear_cancel();
        return Job<Result>::start(
            env, [session = session_, work = std::move(work)] { return session->run(work); }, std::move(to_js),
            [state = state_, settled = std::move(settled)](Napi::Env env) {
                state->busy = false;
                if (settled) {
                    settled(env);
                }
                for (Job<Nothing> * job : std::exchange(state->waiting, {})) {
                    job->Queue();
                }
            });
    }

    // Turns a Failure thrown while reading arguments, and the busy and freed states, into a rejected promise.
    template <class Call> Napi::Value guarded(Napi::Env env, Call call) {
        if (state_->freed) {
            return rejected(env, "FREED", "The session was freed.");
        }
        if (state_->busy) {
            return rejected(env, "BUSY", "Another call of this session is still running.");
        }
        try {
            return call();
        } catch (const Failure & failure) {
            return rejected(env, failure.code, failure.what());
        }
    }

    Napi::Value load(const Napi::CallbackInfo & info) {
        const Napi::Env env = info.Env();
        return guarded(env, [&]() -> Napi::Value {
            const Options options(info[0]);
            LoadSettings settings;
            settings.model_path = options.text("modelPath");
            settings.mmproj_path = options.text("mmprojPath");
            settings.gpu_layers = options.integer("gpuLayers");
            settings.mmproj_on_gpu = options.flag("mmprojOnGpu");
            settings.encode_threads = options.integer("encodeThreads");
            settings.flash_attention = flash_attention_of(options);
            settings.ffn_padding = ffn_padding_of(options);
            settings.use_mmap = options.flag("useMmap");
            settings.cpu_only = cpu_only;
            auto progress = Stream<float>::open(
                env, options.function("onProgress"), "holoscope load progress",
                [](Napi::Env env, std::vector<float> & fractions) -> Napi::Value {
                    return Napi::Number::New(env, fractions.back());
                });
            return start<ModelInfo>(
                env,
                [settings, progress](Session & session) {
                    return session.load(settings, [&](float fraction) { progress->push(fraction); });
                },
                model_info_to_js, [progress](Napi::Env env) { progress->close(env); });
        });
    }

    Napi::Value configure(const Napi::CallbackInfo & info) {
        return guarded(info.Env(), [&]() -> Napi::Value {
            const Options options(info[0]);
            ContextSettings settings;
            settings.context_tokens = options.integer("contextTokens");
            settings.batch_tokens = options.integer("batchTokens");
            settings.ubatch_tokens = options.integer("ubatchTokens");
            settings.generate_threads = options.integer("generateThreads");
            settings.prefill_threads = options.integer("prefillThreads");
            settings.flash_attention = flash_attention_of(options);
            settings.profile_nodes = options.optional_flag("profileNodes");
            return start<Nothing>(
                info.Env(),
                [settings](Session & session) {
                    session.configure(settings);
                    return Nothing{};
                },
                undefined);
        });
    }

    Napi::Value prepare(const Napi::CallbackInfo & info) {
        return guarded(info.Env(), [&]() -> Napi::Value {
            const Options options(info[0]);
            auto prompt = std::make_shared<Prompt>();
            prompt->rgb = options.bytes("rgb");
            prompt->width = options.integer("width");
            prompt->height = options.integer("height");
            prompt->text = options.text("prompt");
            prompt->image_key = options.text("imageKey");
            prompt->keep_megabytes = options.integer("keepMegabytes");
            prompt->reserve_tokens = options.integer("reserveTokens");
            return start<PromptSize>(
                info.Env(), [prompt](Session & session) { return session.prepare(*prompt); }, prompt_size_to_js);
        });
    }

    Napi::Value keeps(const Napi::CallbackInfo & info) {
        const bool idle = !state_->busy && !state_->freed;
        const bool kept = idle && info[0].IsString() && session_->keeps(info[0].As<Napi::String>().Utf8Value());
        return Napi::Boolean::New(info.Env(), kept);
    }

    Napi::Value encode(const Napi::CallbackInfo & info) {
        return guarded(info.Env(), [&]() -> Napi::Value {
            const Options options(info[0]);
            EncodeSettings settings;
            settings.windowed = vit_is_windowed(options);
            settings.cpu_attention = options.flag("cpuAttention");
            settings.capture_input = options.flag("captureInput");
            settings.capture_output = options.flag("captureOutput");
            return start<Encoded>(
                info.Env(), [settings](Session & session) { return session.encode(settings); }, encoded_to_js);
        });
    }

    Napi::Value prefill(const Napi::CallbackInfo & info) {
        return guarded(info.Env(), [&]() -> Napi::Value {
            return start<PrefillTimes>(
                info.Env(), [](Session & session) { return session.prefill(); }, prefill_times_to_js);
        });
    }

    Napi::Value generate(const Napi::CallbackInfo & info) {
        const Napi::Env env = info.Env();
        return guarded(env, [&]() -> Napi::Value {
            const Options options(info[0]);
            GenerateSettings settings;
            settings.max_tokens = options.integer("maxTokens");
            settings.grammar = options.text("grammar");
            settings.jump_forward = options.flag("jumpForward");
            settings.examples = options.texts("examples");
            auto stream = Stream<Token>::open(env, options.function("onTokens"), "holoscope tokens", tokens_to_js,
                                              std::chrono::milliseconds(16)); // a frame of a display
            return start<Generated>(
                env,
                [settings, stream](Session & session) {
                    return session.generate(settings, [&](Token token) { stream->push(std::move(token)); });
                },
                generated_to_js, [stream](Napi::Env env) { stream->close(env); });
        });
    }

    Napi::Value node_profile(const Napi::CallbackInfo & info) {
        return guarded(info.Env(), [&]() -> Napi::Value {
            return start<std::vector<NodeTimes>>(
                info.Env(), [](Session & session) { return session.node_profile(); }, node_profile_to_js);
        });
    }

    Napi::Value cancel(const Napi::CallbackInfo & info) {
        if (state_->busy) {
            session_->raise_cancel();
        }
        return info.Env().Undefined();
    }

    Napi::Value memory(const Napi::CallbackInfo & info) {
        return memory_to_js(info.Env(), session_->memory());
    }

    Napi::Value free(const Napi::CallbackInfo & info) {
        state_->freed = true; // at once, so that no call can slip in before the memory is gone
        auto * job = Job<Nothing>::create(
            info.Env(),
            [session = session_] {
                session->release();
                return Nothing{};
            },
            undefined);
        const Napi::Promise promise = job->promise();
        // Beside a running call, even one that no thread has taken up yet, another thread could be the first to begin.
        if (state_->busy) {
            state_->waiting.push_back(job);
        } else {
            job->Queue();
        }
        return promise;
    }

    std::shared_ptr<Session> session_;
    std::shared_ptr<State> state_;
};

} // namespace

Napi::Function define_session_class(Napi::Env env) {
    return SessionObject::define(env);
}

void free_all_sessions() {
    std::set<std::shared_ptr<Session>> sessions;
    {
        std::lock_guard<std::mutex> lock(registry_mutex);
        sessions = registry();
    }
    for (const auto & session : sessions) {
        session->raise_cancel();
    }
    for (const auto & session : sessions) {
        session->release();
    }
}

void set_cpu_only(bool value) {
    cpu_only = value;
}

bool is_cpu_only() {
    return cpu_only;
}
