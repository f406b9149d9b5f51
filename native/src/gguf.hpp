// A strict reader of GGUF headers (format: docs/gguf.md of ggml). Every count and length is checked against the size of
// the file before anything is allocated, so a hostile or cut file gives an error instead of an abort or a huge buffer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

using GgufScalar = std::variant<uint64_t, int64_t, double, bool, std::string>;

struct GgufEntry {
    bool is_array = false;
    uint64_t length = 1;             // true length of an array
    std::vector<GgufScalar> values;  // one for a scalar; at most 64 for an array
};

struct GgufTensorInfo {
    std::string name;
    std::string type; // ggml's name in lower case
    std::vector<int64_t> shape;
    uint64_t bytes = 0;
};

struct GgufFile {
    uint32_t version = 0;
    uint64_t file_bytes = 0;
    std::map<std::string, GgufEntry> metadata;
    std::vector<GgufTensorInfo> tensors;

    std::string text(const std::string & key) const;                       // "" if absent or no string
    int64_t integer(const std::string & key, int64_t otherwise) const;     // booleans count as 0 and 1
    const GgufTensorInfo * tensor(const std::string & name) const;
};

// Throws Failure: FILE_MISSING, NOT_A_GGUF, GGUF_TRUNCATED.
GgufFile read_gguf(const std::string & path);
