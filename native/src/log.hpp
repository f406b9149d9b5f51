// Everything llama.cpp, ggml and libmtmd have to say goes through here instead of stderr: to a listener, and into a
// short memory from which failed calls quote the last lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

struct LogLine {
    enum class Level { debug, info, warn, error };
    Level level = Level::info;
    std::string text; // without the line break
};

// Points the log callbacks of all three libraries here, and makes ggml's abort repeat the last errors on stderr. Call
// before anything else of llama.cpp.
void log_install();

// Receives every line, on whichever thread writes it; nullptr = nobody.
void log_listen(std::function<void(const LogLine &)> listener);

// Adds a line of our own.
void log_note(LogLine::Level level, const std::string & text);

// Remembers the present end of the log.
uint64_t log_mark();

// Lines since `mark` (as far as still remembered).
std::vector<LogLine> log_since(uint64_t mark);

// The last warnings and errors since `mark`, joined by "; "; empty if there were none.
std::string log_complaints(uint64_t mark, size_t most = 4);

// Whether a line since `mark` contains `part`.
bool log_contains(uint64_t mark, const char * part);

// Whether a line since `mark` tells of an allocation that failed.
bool log_out_of_memory(uint64_t mark);
