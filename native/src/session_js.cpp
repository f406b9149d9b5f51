#include "session_js.hpp"

#include "js.hpp"
#include "session_to_js.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace {

llama_flash_attn_type flash_attention_of(const Options & options) {
    return options.choice<llama_flash_attn_type>("flashAttention", {{"auto", LLAMA_FLASH_ATTN_TYPE_AUTO},
                                                                    {"on", LLAMA_FLASH_ATTN_TYPE_ENABLED},
                                                                    {"off", LLAMA_FLASH_ATTN_TYPE_DISABLED}});
}

LoadSettings load_settings_of(const Options & options, bool cpu_only) {
    LoadSettings settings;
    settings.model_path = options.text("modelPath");
    settings.mmproj_path = options.text("mmprojPath");
    settings.gpu_layers = options.integer("gpuLayers");
    settings.mmproj_on_gpu = options.flag("mmprojOnGpu");
    settings.encode_threads = options.integer("encodeThreads");
    settings.flash_attention = flash_attention_of(options);
    settings.ffn_padding = options.choice<FfnPadding>(
        "ffnPadding", {{"auto", FfnPadding::automatic}, {"on", FfnPadding::on}, {"off", FfnPadding::off}});
    settings.use_mmap = options.flag("useMmap");
    settings.cpu_only = cpu_only;
    return settings;
}

ContextSettings context_settings_of(const Options & options) {
    ContextSettings settings;
    settings.context_tokens = options.integer("contextTokens");
    settings.batch_tokens = options.integer("batchTokens");
    settings.ubatch_tokens = options.integer("ubatchTokens");
    settings.generate_threads = options.integer("generateThreads");
    settings.prefill_threads = options.integer("prefillThreads");
    settings.flash_attention = flash_attention_of(options);
    settings.take_back_tokens = options.integer("takeBackTokens");
    settings.time_nodes = options.flag("timeNodes");
    return settings;
}

Prompt prompt_of(const Options & options) {
    Prompt prompt;
    prompt.rgb = options.bytes("rgb");
    prompt.width = options.integer("width");
    prompt.height = options.integer("height");
    prompt.text = options.text("prompt");
    prompt.image_key = options.text("imageKey");
    prompt.keep_megabytes = options.integer("keepMegabytes");
    prompt.reserve_tokens = options.integer("reserveTokens");
    return prompt;
}

EncodeSettings encode_settings_of(const Options & options) {
    EncodeSettings settings;
    settings.windowed = options.choice<bool>("vit", {{"windowed", true}, {"upstream", false}});
    settings.cpu_attention = options.flag("cpuAttention");
    settings.capture_input = options.optional_flag("captureInput");
    settings.capture_output = options.optional_flag("captureOutput");
    return settings;
}

GenerateSettings generate_settings_of(const Options & options) {
    GenerateSettings settings;
    settings.max_tokens = options.integer("maxTokens");
    settings.grammar = options.text("grammar");
    settings.jump_forward = options.flag("jumpForward");
    settings.examples = options.texts("examples");
    return settings;
}

AddonState & addon_of(Napi::Env env) {
    return *env.GetInstanceData<AddonState>();
}

// Only one call runs at a time. Each begins and ends on the JavaScript thread, so plain members can tell whether one
// does.
class SessionObject : public Napi::ObjectWrap<SessionObject> {
  public:
    explicit SessionObject(const Napi::CallbackInfo & info) : Napi::ObjectWrap<SessionObject>(info) {
        auto & sessions = addon_of(info.Env()).sessions;
        sessions.erase(
            std::remove_if(sessions.begin(), sessions.end(), [](const auto & each) { return each.expired(); }),
            sessions.end());
        sessions.push_back(session_);
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
                               InstanceMethod("nodeTimes", &SessionObject::node_times),
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

    // The promise that `call` makes; a rejected one if the session is busy or freed, or if `call` refuses its
    // arguments.
    template <class Call> Napi::Value guarded(const Napi::CallbackInfo & info, Call call) {
        if (state_->freed) {
            return rejected(info.Env(), "FREED", "The session was freed.");
        }
        if (state_->busy) {
            return rejected(info.Env(), "BUSY", "Another call of this session is still running.");
        }
        try {
            return call();
        } catch (const Failure & failure) {
            return rejected(info.Env(), failure.code, failure.what());
        }
    }

    // Runs `work(session)` off the JavaScript thread; its result is what to_js() makes of it. `settled` is called on
    // the JavaScript thread when the work has ended.
    template <class Work> Napi::Value start(Napi::Env env, Work work, Job<Nothing>::Settled settled = nullptr) {
        using Result = std::invoke_result_t<Work, Session &>;
        if constexpr (std::is_void_v<Result>) {
            return start(
                env,
                [work = std::move(work)](Session & session) {
                    work(session);
                    return Nothing{};
                },
                std::move(settled));
        } else {
            state_->busy = true;
            session_->clear_cancel();
            return Job<Result>::start(
                env, [session = session_, work = std::move(work)] { return session->run(work); },
                [](Napi::Env js, Result & result) -> Napi::Value { return to_js(js, result); },
                [state = state_, settled = std::move(settled)](Napi::Env js) {
                    state->busy = false;
                    if (settled) {
                        settled(js);
                    }
                    for (Job<Nothing> * job : std::exchange(state->waiting, {})) {
                        job->Queue();
                    }
                });
        }
    }

    Napi::Value load(const Napi::CallbackInfo & info) {
        return guarded(info, [&] {
            const Options options(info[0]);
            const LoadSettings settings = load_settings_of(options, addon_of(info.Env()).cpu_only);
            const auto latest = [](Napi::Env env, std::vector<float> & fractions) -> Napi::Value {
                return Napi::Number::New(env, fractions.back());
            };
            auto progress =
                Stream<float>::open(info.Env(), options.function("onProgress"), "holoscope load progress", latest);
            return start(
                info.Env(),
                [settings, progress](Session & session) {
                    return session.load(settings, [&](float fraction) { progress->push(fraction); });
                },
                [progress](Napi::Env env) { progress->close(env); });
        });
    }

    Napi::Value configure(const Napi::CallbackInfo & info) {
        return guarded(info, [&] {
            const ContextSettings settings = context_settings_of(Options(info[0]));
            return start(info.Env(), [settings](Session & session) { session.configure(settings); });
        });
    }

    Napi::Value prepare(const Napi::CallbackInfo & info) {
        return guarded(info, [&] {
            const auto prompt = std::make_shared<const Prompt>(prompt_of(Options(info[0])));
            return start(info.Env(), [prompt](Session & session) { return session.prepare(*prompt); });
        });
    }

    Napi::Value keeps(const Napi::CallbackInfo & info) {
        const bool idle = !state_->busy && !state_->freed;
        const bool kept = idle && info[0].IsString() && session_->keeps(info[0].As<Napi::String>().Utf8Value());
        return Napi::Boolean::New(info.Env(), kept);
    }

    Napi::Value encode(const Napi::CallbackInfo & info) {
        return guarded(info, [&] {
            const EncodeSettings settings = encode_settings_of(Options(info[0]));
            return start(info.Env(), [settings](Session & session) { return session.encode(settings); });
        });
    }

    Napi::Value prefill(const Napi::CallbackInfo & info) {
        return guarded(info, [&] { return start(info.Env(), [](Session & session) { return session.prefill(); }); });
    }

    Napi::Value generate(const Napi::CallbackInfo & info) {
        return guarded(info, [&] {
            const Options options(info[0]);
            const GenerateSettings settings = generate_settings_of(options);
            const auto frame = std::chrono::milliseconds(16); // of a display: nobody could see more
            auto stream =
                Stream<Token>::open(info.Env(), options.function("onTokens"), "holoscope tokens", tokens_to_js, frame);
            return start(
                info.Env(),
                [settings, stream](Session & session) {
                    return session.generate(settings, [&](Token token) { stream->push(std::move(token)); });
                },
                [stream](Napi::Env env) { stream->close(env); });
        });
    }

    Napi::Value node_times(const Napi::CallbackInfo & info) {
        return guarded(info, [&] { return start(info.Env(), [](Session & session) { return session.node_times(); }); });
    }

    Napi::Value cancel(const Napi::CallbackInfo & info) {
        if (state_->busy) {
            session_->raise_cancel();
        }
        return info.Env().Undefined();
    }

    Napi::Value memory(const Napi::CallbackInfo & info) { return to_js(info.Env(), session_->memory()); }

    Napi::Value free(const Napi::CallbackInfo & info) {
        state_->freed = true; // at once, so that no call can slip in before the memory is gone
        auto * job = Job<Nothing>::create(
            info.Env(),
            [session = session_] {
                session->release();
                return Nothing{};
            },
            [](Napi::Env env, Nothing &) { return env.Undefined(); });
        const Napi::Promise promise = job->promise();
        // A running call may not have a thread yet. Queued now, another thread could free the session before the call
        // begins.
        if (state_->busy) {
            state_->waiting.push_back(job);
        } else {
            job->Queue();
        }
        return promise;
    }

    std::shared_ptr<Session> session_ = std::make_shared<Session>();
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

} // namespace

Napi::Function define_session_class(Napi::Env env) {
    return SessionObject::define(env);
}

void free_all_sessions(const AddonState & addon) {
    std::vector<std::shared_ptr<Session>> sessions;
    for (const auto & each : addon.sessions) {
        if (auto session = each.lock()) {
            session->raise_cancel();
            sessions.push_back(std::move(session));
        }
    }
    for (const auto & session : sessions) {
        session->release();
    }
}
