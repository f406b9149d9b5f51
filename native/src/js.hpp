// The bridge between Node-API and the rest: checked values, promises for work on other threads, and streams of events
// from those threads to the JavaScript thread.
#pragma once

#include "failure.hpp"

#include <napi.h>

#include <chrono>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// A JavaScript Error whose `code` is a NativeErrorCode.
inline Napi::Error js_error(Napi::Env env, const std::string & code, const std::string & message) {
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", Napi::String::New(env, code));
    return error;
}

// Reads checked values from an options object. Throws Failure BAD_ARGUMENT.
class Options {
  public:
    explicit Options(const Napi::Value & value) {
        if (!value.IsObject()) {
            fail("BAD_ARGUMENT", "An options object is expected.");
        }
        object_ = value.As<Napi::Object>();
    }

    std::string text(const char * key) const {
        const Napi::Value value = object_.Get(key);
        if (!value.IsString()) {
            fail("BAD_ARGUMENT", "%s must be a string.", key);
        }
        return value.As<Napi::String>().Utf8Value();
    }

    bool flag(const char * key) const {
        const Napi::Value value = object_.Get(key);
        if (!value.IsBoolean()) {
            fail("BAD_ARGUMENT", "%s must be true or false.", key);
        }
        return value.As<Napi::Boolean>().Value();
    }

    // False if the key is left out.
    bool optional_flag(const char * key) const {
        return object_.Has(key) && !object_.Get(key).IsUndefined() && flag(key);
    }

    int integer(const char * key) const {
        const Napi::Value value = object_.Get(key);
        const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0.5;
        const int whole = number > -2147483648.0 && number < 2147483648.0 ? static_cast<int>(number) : 0;
        if (static_cast<double>(whole) != number) {
            fail("BAD_ARGUMENT", "%s must be a whole number.", key);
        }
        return whole;
    }

    template <class Value> using Choices = std::initializer_list<std::pair<const char *, Value>>;

    // What the name under this key stands for.
    template <class Value> Value choice(const char * key, Choices<Value> choices) const {
        const std::string chosen = text(key);
        std::string names;
        for (const auto & [name, value] : choices) {
            if (chosen == name) {
                return value;
            }
            names += (names.empty() ? "\"" : ", \"") + std::string(name) + "\"";
        }
        fail("BAD_ARGUMENT", "%s must be one of %s.", key, names.c_str());
    }

    std::vector<std::string> texts(const char * key) const {
        const Napi::Value value = object_.Get(key);
        if (!value.IsArray()) {
            fail("BAD_ARGUMENT", "%s must be an array of strings.", key);
        }
        const auto list = value.As<Napi::Array>();
        std::vector<std::string> texts;
        for (uint32_t i = 0; i < list.Length(); i++) {
            const Napi::Value text = list.Get(i);
            if (!text.IsString()) {
                fail("BAD_ARGUMENT", "%s must be an array of strings.", key);
            }
            texts.push_back(text.As<Napi::String>().Utf8Value());
        }
        return texts;
    }

    std::vector<uint8_t> bytes(const char * key) const {
        const Napi::Value value = object_.Get(key);
        if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
            fail("BAD_ARGUMENT", "%s must be a Uint8Array.", key);
        }
        const auto array = value.As<Napi::Uint8Array>();
        return {array.Data(), array.Data() + array.ByteLength()};
    }

    Napi::Function function(const char * key) const {
        const Napi::Value value = object_.Get(key);
        if (!value.IsFunction()) {
            fail("BAD_ARGUMENT", "%s must be a function.", key);
        }
        return value.As<Napi::Function>();
    }

  private:
    Napi::Object object_;
};

inline void set_all(Napi::Object &) {}

template <class Value, class... Rest>
void set_all(Napi::Object & out, const char * key, Value && value, Rest &&... rest) {
    out.Set(key, std::forward<Value>(value));
    set_all(out, std::forward<Rest>(rest)...);
}

// An object of keys and values in turn: object_to_js(env, "width", 3, "height", 4).
template <class... Rest> Napi::Object object_to_js(Napi::Env env, Rest &&... keys_and_values) {
    Napi::Object out = Napi::Object::New(env);
    set_all(out, std::forward<Rest>(keys_and_values)...);
    return out;
}

// An array of what `to_js` makes of each item of a container.
template <class Items, class ToJs> Napi::Array list_to_js(Napi::Env env, const Items & items, ToJs to_js) {
    Napi::Array out = Napi::Array::New(env, items.size());
    uint32_t i = 0;
    for (const auto & item : items) {
        out.Set(i++, to_js(env, item));
    }
    return out;
}

// Carries items from any thread to a JavaScript function, in order and in groups, without ever making the producer
// wait. close() delivers what is left. A delivery starts no sooner than `pace` after the last one, because waking the
// JavaScript thread for every item would take its core from the threads that compute.
template <class Item> class Stream : public std::enable_shared_from_this<Stream<Item>> {
  public:
    using ToJs = std::function<Napi::Value(Napi::Env, std::vector<Item> &)>;

    using Clock = std::chrono::steady_clock;

    static std::shared_ptr<Stream> open(Napi::Env env, const Napi::Function & receiver, const char * name, ToJs to_js,
                                        Clock::duration pace = Clock::duration::zero()) {
        auto stream = std::shared_ptr<Stream>(new Stream(std::move(to_js), pace));
        stream->receiver_ = Napi::Persistent(receiver);
        stream->signal_ = Napi::ThreadSafeFunction::New(env, receiver, name, 0, 1);
        return stream;
    }

    void push(Item item) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (closed_) {
            return;
        }
        waiting_.push_back(std::move(item));
        const auto now = Clock::now();
        if (under_way_ || now - asked_at_ < pace_) {
            return;
        }
        under_way_ = true;
        asked_at_ = now;
        auto self = this->shared_from_this();
        signal_.NonBlockingCall([self](Napi::Env env, Napi::Function) { self->deliver(env); });
    }

    // Lets the process end although the stream is open.
    void unref(Napi::Env env) { signal_.Unref(env); }

    // On the JavaScript thread.
    void close(Napi::Env env) {
        deliver(env);
        std::lock_guard<std::mutex> lock(mutex_);
        if (!closed_) {
            closed_ = true;
            signal_.Release();
            receiver_.Reset();
        }
    }

    // In place of close() while the environment is torn down, when no JavaScript may run any more.
    void abandon() {
        std::lock_guard<std::mutex> lock(mutex_);
        if (!closed_) {
            closed_ = true;
            waiting_.clear();
            signal_.Abort();
            receiver_.SuppressDestruct();
        }
    }

  private:
    Stream(ToJs to_js, Clock::duration pace) : to_js_(std::move(to_js)), pace_(pace) {}

    void deliver(Napi::Env env) {
        std::vector<Item> items;
        {
            std::lock_guard<std::mutex> lock(mutex_);
            items.swap(waiting_);
            under_way_ = false;
            if (closed_) {
                return;
            }
        }
        if (items.empty()) {
            return;
        }
        Napi::HandleScope scope(env);
        try {
            receiver_.Call({to_js_(env, items)});
        } catch (const Napi::Error &) {
            // The receivers in native/index.ts never throw, so the process is ending and JavaScript can no longer run.
        }
    }

    ToJs to_js_;
    const Clock::duration pace_;
    Napi::FunctionReference receiver_;
    Napi::ThreadSafeFunction signal_;
    std::mutex mutex_;
    std::vector<Item> waiting_;
    Clock::time_point asked_at_{}; // when the last delivery was asked for
    bool under_way_ = false;       // a delivery was asked for and has not begun
    bool closed_ = false;
};

struct Nothing {};

// Runs `work` on a thread of libuv's pool and settles a promise with its result.
template <class Result> class Job : public Napi::AsyncWorker {
  public:
    using Work = std::function<Result()>;
    using ToJs = std::function<Napi::Value(Napi::Env, Result &)>;
    using Settled = std::function<void(Napi::Env)>; // called just before the promise settles, whatever the outcome

    static Napi::Promise start(Napi::Env env, Work work, ToJs to_js, Settled settled = nullptr) {
        Job * job = create(env, std::move(work), std::move(to_js), std::move(settled));
        const Napi::Promise promise = job->promise();
        job->Queue();
        return promise;
    }

    // A job that has to wait for its turn: it runs when Queue() is called, and frees itself when it is done.
    static Job * create(Napi::Env env, Work work, ToJs to_js, Settled settled = nullptr) {
        return new Job(env, std::move(work), std::move(to_js), std::move(settled));
    }

    Napi::Promise promise() const { return deferred_.Promise(); }

  protected:
    void Execute() override {
        try {
            result_ = work_();
        } catch (const Failure & failure) {
            code_ = failure.code;
            SetError(failure.what());
        } catch (const std::bad_alloc &) {
            code_ = "OUT_OF_MEMORY";
            SetError("Not enough memory.");
        } catch (const std::exception & error) {
            code_ = "DECODE_FAILED";
            SetError(error.what());
        }
    }

    void OnOK() override {
        Napi::HandleScope scope(Env());
        if (settled_) {
            settled_(Env());
        }
        deferred_.Resolve(to_js_(Env(), result_));
    }

    void OnError(const Napi::Error & error) override {
        Napi::HandleScope scope(Env());
        if (settled_) {
            settled_(Env());
        }
        deferred_.Reject(js_error(Env(), code_, error.Message()).Value());
    }

  private:
    Job(Napi::Env env, Work work, ToJs to_js, Settled settled)
        : Napi::AsyncWorker(env), deferred_(env), work_(std::move(work)), to_js_(std::move(to_js)),
          settled_(std::move(settled)) {}

    Napi::Promise::Deferred deferred_;
    Work work_;
    ToJs to_js_;
    Settled settled_;
    Result result_{};
    std::string code_;
};

// An already rejected promise.
inline Napi::Promise rejected(Napi::Env env, const std::string & code, const std::string & message) {
    const auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Reject(js_error(env, code, message).Value());
    return deferred.Promise();
}
