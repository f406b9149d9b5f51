// What llama.cpp, ggml and libmtmd report goes through here instead of to stderr: to a listener, and into a short
// memory from which failed calls quote the last lines. There is one log for the process, because those libraries know
// only one log callback each. Every function here may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

struct LogLine {
    enum class Level { debug, info, warn, error };
    Level level = Level::info;
    std::string text; // without the line break
    std::thread::id thread = std::this_thread::get_id();
};

// Points the log callbacks of all three libraries here, and makes ggml's abort repeat the last errors on stderr. Call
// before anything else of llama.cpp.
void log_install();

// Receives every line, on whichever thread writes it; nullptr = nobody.
void log_listen(std::function<void(const LogLine &)> listener);

// Adds a line of our own.
void log_note(LogLine::Level level, const std::string & text);

// What the present thread adds to the log from now on, as far as it is still remembered. Other threads are left out:
// they may be running another session. (llama.cpp and libmtmd report failures on the thread that called them.)
class LogSection {
  public:
    LogSection();

    std::vector<LogLine> lines() const;

    // The last warnings and errors, joined by "; "; empty if there were none.
    std::string complaints() const;

    // Whether a line contains `part`.
    bool contains(const char * part) const;

    // Whether a line tells of an allocation that failed.
    bool out_of_memory() const;

    // Throws Failure: OUT_OF_MEMORY after an allocation that failed, else `code`. The message is `what` and the
    // complaints.
    [[noreturn]] void fail(const char * code, const std::string & what) const;

  private:
    uint64_t start_; // lines written before
};
