#include "log.hpp"

#include "ggml.h"
#include "llama.h"
#include "mtmd-helper.h"
#include "mtmd.h"

#include <cstdio>
#include <deque>
#include <mutex>

namespace {

constexpr size_t REMEMBERED_LINES = 2000; // a load of a large model writes several hundred
constexpr size_t LINES_BEFORE_ABORT = 8;

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
        case GGML_LOG_LEVEL_WARN:  return LogLine::Level::warn;
        case GGML_LOG_LEVEL_ERROR: return LogLine::Level::error;
        case GGML_LOG_LEVEL_CONT:  return previous;
        default:                   return LogLine::Level::info;
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

// Written for every graph that the CUDA backend runs, so once a token: it would push all else out of the memory, and wake
// the listener for nothing.
bool is_noise(const LogLine & line) {
    return line.level == LogLine::Level::debug && line.text.rfind("CUDA Graph id ", 0) == 0;
}

// Text arrives in pieces; a piece without a line break is continued by the next one of the same thread.
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

// ggml tells why only in its log, whose listener may never get to run: the process ends when this returns.
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
    publish({level, "holoscope: " + text});
}

uint64_t log_mark() {
    State & log = state();
    std::lock_guard<std::mutex> lock(log.mutex);
    return log.forgotten + log.lines.size();
}

std::vector<LogLine> log_since(uint64_t mark) {
    State & log = state();
    std::lock_guard<std::mutex> lock(log.mutex);
    size_t first = mark > log.forgotten ? static_cast<size_t>(mark - log.forgotten) : 0;
    if (first >= log.lines.size()) {
        return {};
    }
    return {log.lines.begin() + static_cast<std::ptrdiff_t>(first), log.lines.end()};
}

std::string log_complaints(uint64_t mark, size_t most) {
    std::vector<std::string> chosen;
    for (const LogLine & line : log_since(mark)) {
        if (line.level == LogLine::Level::warn || line.level == LogLine::Level::error) {
            chosen.push_back(line.text);
        }
    }
    std::string joined;
    for (size_t i = chosen.size() > most ? chosen.size() - most : 0; i < chosen.size(); i++) {
        joined += (joined.empty() ? "" : "; ") + chosen[i];
    }
    return joined;
}

bool log_contains(uint64_t mark, const char * part) {
    for (const LogLine & line : log_since(mark)) {
        if (line.text.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

bool log_out_of_memory(uint64_t mark) {
    for (const char * part : {"failed to allocate", "unable to allocate", "out of memory", "alloc_tensor_range",
                              "OutOfDeviceMemory", "OutOfHostMemory", "bad_alloc", "insufficient memory"}) {
        if (log_contains(mark, part)) {
            return true;
        }
    }
    return false;
}
