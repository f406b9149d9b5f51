#include "log.hpp"

#include "failure.hpp"

#include "ggml.h"
#include "llama.h"
#include "mtmd-helper.h"
#include "mtmd.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>

namespace {

constexpr size_t REMEMBERED_LINES = 2000; // a load of a large model writes several hundred
constexpr size_t LINES_BEFORE_ABORT = 8;
constexpr size_t QUOTED_LINES = 4;

struct State {
    std::mutex mutex;
    std::deque<LogLine> lines;
    uint64_t forgotten = 0; // lines dropped from the front
    std::function<void(const LogLine &)> listener;
};

// Never destroyed: threads of the backends may still write while the process ends.
State & state() {
    static State * instance = new State;
    return *instance;
}

LogLine::Level level_of(ggml_log_level level, LogLine::Level previous) {
    switch (level) {
        case GGML_LOG_LEVEL_DEBUG: return LogLine::Level::debug;
        case GGML_LOG_LEVEL_WARN: return LogLine::Level::warn;
        case GGML_LOG_LEVEL_ERROR: return LogLine::Level::error;
        case GGML_LOG_LEVEL_CONT: return previous;
        default: return LogLine::Level::info;
    }
}

void publish(LogLine line) {
    State & log = state();
    std::lock_guard<std::mutex> lock(log.mutex);
    if (log.listener) {
        log.listener(line);
    }
    log.lines.push_back(std::move(line));
    if (log.lines.size() > REMEMBERED_LINES) {
        log.lines.pop_front();
        log.forgotten++;
    }
}

// The CUDA backend writes it for every graph that it runs, so once a token. It would push everything else out of the
// memory and wake the listener for nothing.
bool is_noise(const LogLine & line) {
    return line.level == LogLine::Level::debug && line.text.rfind("CUDA Graph id ", 0) == 0;
}

// Text arrives in pieces. A piece without a line break is continued by the next one of the same thread, hence
// thread_local.
void receive(ggml_log_level level, const char * text, void *) {
    thread_local LogLine pending;
    pending.level = level_of(level, pending.level);
    for (const char * c = text; *c != '\0'; c++) {
        if (*c != '\n') {
            pending.text += *c;
        } else {
            if (!pending.text.empty() && !is_noise(pending)) {
                publish(pending);
            }
            pending.text.clear();
        }
    }
}

// Called before ggml aborts the process. Only the log tells why, and its listener may not get to run any more.
void on_abort(const char * message) {
    std::fprintf(stderr, "%s\n", message);
    State & log = state();
    std::unique_lock<std::mutex> lock(log.mutex, std::try_to_lock); // the thread that aborts may hold it
    if (lock.owns_lock()) {
        const size_t count = log.lines.size();
        for (size_t i = count > LINES_BEFORE_ABORT ? count - LINES_BEFORE_ABORT : 0; i < count; i++) {
            if (log.lines[i].level == LogLine::Level::error) {
                std::fprintf(stderr, "%s\n", log.lines[i].text.c_str());
            }
        }
    }
    std::fflush(stderr);
}

} // namespace

void log_install() {
    ggml_set_abort_callback(on_abort);
    llama_log_set(receive, nullptr); // ggml's as well
    ggml_log_set(receive, nullptr);
    mtmd_helper_log_set(receive, nullptr); // libmtmd's as well
}

void log_listen(std::function<void(const LogLine &)> listener) {
    std::lock_guard<std::mutex> lock(state().mutex);
    state().listener = std::move(listener);
}

void log_note(LogLine::Level level, const std::string & text) {
    LogLine line;
    line.level = level;
    line.text = "holoscope: " + text;
    publish(std::move(line));
}

LogSection::LogSection() {
    State & log = state();
    std::lock_guard<std::mutex> lock(log.mutex);
    start_ = log.forgotten + log.lines.size();
}

std::vector<LogLine> LogSection::lines() const {
    State & log = state();
    std::lock_guard<std::mutex> lock(log.mutex);
    std::vector<LogLine> lines;
    for (size_t i = start_ > log.forgotten ? start_ - log.forgotten : 0; i < log.lines.size(); i++) {
        if (log.lines[i].thread == std::this_thread::get_id()) {
            lines.push_back(log.lines[i]);
        }
    }
    return lines;
}

std::string LogSection::complaints() const {
    std::deque<std::string> last;
    for (const LogLine & line : lines()) {
        if (line.level == LogLine::Level::warn || line.level == LogLine::Level::error) {
            last.push_back(line.text);
        }
        if (last.size() > QUOTED_LINES) {
            last.pop_front();
        }
    }
    std::string joined;
    for (const std::string & text : last) {
        joined += (joined.empty() ? "" : "; ") + text;
    }
    return joined;
}

bool LogSection::contains(const char * part) const {
    const std::vector<LogLine> all = lines();
    return std::any_of(all.begin(), all.end(),
                       [&](const LogLine & line) { return line.text.find(part) != std::string::npos; });
}

bool LogSection::out_of_memory() const {
    const char * const parts[] = {"failed to allocate", "unable to allocate", "out of memory", "alloc_tensor_range",
                                  "OutOfDeviceMemory",  "OutOfHostMemory",    "bad_alloc",     "insufficient memory"};
    return std::any_of(std::begin(parts), std::end(parts), [&](const char * part) { return contains(part); });
}

void LogSection::fail(const char * code, const std::string & what) const {
    throw Failure(out_of_memory() ? "OUT_OF_MEMORY" : code, what + ": " + complaints());
}
