// The addon's only exception: a NativeErrorCode of types.ts, and a message for people.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

struct Failure : std::runtime_error {
    Failure(std::string error_code, const std::string & message)
        : std::runtime_error(message), code(std::move(error_code)) {}
    std::string code;
};

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
[[noreturn]] inline void fail(const char * code, const char * format, ...) {
    char buffer[4096];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    throw Failure(code, buffer);
}
