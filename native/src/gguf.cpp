#include "gguf.hpp"

#include "failure.hpp"
#include "ggml.h"
#include "gguf.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

namespace {

namespace fs = std::filesystem;

constexpr uint64_t LONGEST_NAME = 65535;          // the format's limit for keys
constexpr uint64_t LONGEST_STRING = 16ull << 20;  // far above any chat template
constexpr size_t KEPT_VALUES = 64;                // of an array; the rest is only counted
constexpr uint64_t DEFAULT_ALIGNMENT = 32;

[[noreturn]] void broken(const std::string & path, const std::string & what) {
    fail("NOT_A_GGUF", "%s is not a valid GGUF file: %s.", path.c_str(), what.c_str());
}

class Reader {
  public:
    explicit Reader(const std::string & path) : path_(path) {
        const fs::path native = fs::u8path(path);
        std::error_code error;
        if (!fs::is_regular_file(native, error)) {
            fail("FILE_MISSING", "%s does not exist or is not a file.", path.c_str());
        }
        size_ = fs::file_size(native, error);
        file_.open(native, std::ios::binary);
        if (error || !file_) {
            fail("FILE_MISSING", "%s cannot be read. Check its permissions.", path.c_str());
        }
    }

    uint64_t size() const { return size_; }
    uint64_t position() const { return position_; }
    uint64_t remaining() const { return size_ - position_; }
    const std::string & path() const { return path_; }

    [[noreturn]] void truncated(const char * what) const {
        fail("GGUF_TRUNCATED", "%s ends inside its %s (%llu bytes). The download is probably incomplete.",
             path_.c_str(), what, static_cast<unsigned long long>(size_));
    }

    // Fails unless `count` things of at least `each` bytes can still follow.
    void expect(uint64_t count, uint64_t each, const char * what) const {
        if (count > remaining() / each) {
            truncated(what);
        }
    }

    void bytes(void * out, uint64_t count, const char * what) {
        if (count > remaining()) {
            truncated(what);
        }
        file_.read(static_cast<char *>(out), static_cast<std::streamsize>(count));
        if (!file_) {
            fail("FILE_MISSING", "%s cannot be read (input error at byte %llu).", path_.c_str(),
                 static_cast<unsigned long long>(position_));
        }
        position_ += count;
    }

    void skip(uint64_t count, const char * what) {
        if (count > remaining()) {
            truncated(what);
        }
        file_.seekg(static_cast<std::streamoff>(count), std::ios::cur);
        position_ += count;
    }

    template <class T> T value(const char * what) {
        T out{};
        bytes(&out, sizeof out, what);
        return out;
    }

    std::string text(uint64_t longest, const char * what) {
        const auto length = value<uint64_t>(what);
        if (length > remaining()) {
            truncated(what);
        }
        if (length > longest) {
            broken(path_, std::string("a ") + what + " of " + std::to_string(length) + " bytes");
        }
        std::string out(length, '\0');
        bytes(out.data(), length, what);
        return out;
    }

  private:
    std::string path_;
    std::ifstream file_;
    uint64_t size_ = 0;
    uint64_t position_ = 0;
};

// Bytes of a value on disk; for strings the least possible.
uint64_t least_bytes(uint32_t type) {
    switch (type) {
        case GGUF_TYPE_UINT8: case GGUF_TYPE_INT8: case GGUF_TYPE_BOOL: return 1;
        case GGUF_TYPE_UINT16: case GGUF_TYPE_INT16: return 2;
        case GGUF_TYPE_UINT32: case GGUF_TYPE_INT32: case GGUF_TYPE_FLOAT32: return 4;
        case GGUF_TYPE_UINT64: case GGUF_TYPE_INT64: case GGUF_TYPE_FLOAT64: case GGUF_TYPE_STRING: return 8;
        default: return 0; // unknown; arrays of arrays are unknown to llama.cpp as well
    }
}

GgufScalar read_scalar(Reader & in, uint32_t type) {
    const char * what = "metadata";
    switch (type) {
        case GGUF_TYPE_UINT8:   return static_cast<uint64_t>(in.value<uint8_t>(what));
        case GGUF_TYPE_INT8:    return static_cast<int64_t>(in.value<int8_t>(what));
        case GGUF_TYPE_UINT16:  return static_cast<uint64_t>(in.value<uint16_t>(what));
        case GGUF_TYPE_INT16:   return static_cast<int64_t>(in.value<int16_t>(what));
        case GGUF_TYPE_UINT32:  return static_cast<uint64_t>(in.value<uint32_t>(what));
        case GGUF_TYPE_INT32:   return static_cast<int64_t>(in.value<int32_t>(what));
        case GGUF_TYPE_FLOAT32: return static_cast<double>(in.value<float>(what));
        case GGUF_TYPE_BOOL:    return in.value<uint8_t>(what) != 0;
        case GGUF_TYPE_UINT64:  return in.value<uint64_t>(what);
        case GGUF_TYPE_INT64:   return in.value<int64_t>(what);
        case GGUF_TYPE_FLOAT64: return in.value<double>(what);
        default:                return in.text(LONGEST_STRING, "metadata string");
    }
}

void read_array(Reader & in, const std::string & key, GgufEntry & entry) {
    const auto type = in.value<uint32_t>("metadata");
    const auto length = in.value<uint64_t>("metadata");
    const uint64_t each = least_bytes(type);
    if (each == 0) {
        broken(in.path(), "array \"" + key + "\" has unknown element type " + std::to_string(type));
    }
    in.expect(length, each, "metadata");
    entry.is_array = true;
    entry.length = length;
    const uint64_t kept = std::min<uint64_t>(length, KEPT_VALUES);
    for (uint64_t i = 0; i < kept; i++) {
        entry.values.push_back(read_scalar(in, type));
    }
    if (type != GGUF_TYPE_STRING) {
        in.skip((length - kept) * each, "metadata");
        return;
    }
    for (uint64_t i = kept; i < length; i++) {
        in.skip(in.value<uint64_t>("metadata string"), "metadata string");
    }
}

void read_metadata(Reader & in, uint64_t count, GgufFile & file) {
    in.expect(count, 8 + 4 + 1, "metadata"); // key length, type, smallest value
    for (uint64_t i = 0; i < count; i++) {
        const std::string key = in.text(LONGEST_NAME, "metadata key");
        const auto type = in.value<uint32_t>("metadata");
        GgufEntry entry;
        if (type == GGUF_TYPE_ARRAY) {
            read_array(in, key, entry);
        } else if (least_bytes(type) != 0) {
            entry.values.push_back(read_scalar(in, type));
        } else {
            broken(in.path(), "key \"" + key + "\" has unknown type " + std::to_string(type));
        }
        if (!file.metadata.emplace(key, std::move(entry)).second) {
            broken(in.path(), "key \"" + key + "\" appears twice");
        }
    }
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

struct TensorPlace {
    GgufTensorInfo info;
    uint64_t offset = 0;
};

TensorPlace read_tensor(Reader & in) {
    TensorPlace place;
    place.info.name = in.text(GGML_MAX_NAME - 1, "tensor name");
    const auto dimensions = in.value<uint32_t>("tensor list");
    if (dimensions > GGML_MAX_DIMS) {
        broken(in.path(), "tensor \"" + place.info.name + "\" has " + std::to_string(dimensions) + " dimensions");
    }
    uint64_t elements = 1;
    for (uint32_t d = 0; d < dimensions; d++) {
        const auto n = in.value<uint64_t>("tensor list");
        // Bounded so that products of elements and bytes stay far from overflow.
        if (n > (1ull << 48) || (n != 0 && elements > (1ull << 48) / n)) {
            broken(in.path(), "tensor \"" + place.info.name + "\" is impossibly large");
        }
        elements *= n;
        place.info.shape.push_back(static_cast<int64_t>(n));
    }
    const auto type = in.value<uint32_t>("tensor list");
    const int64_t block = type < GGML_TYPE_COUNT ? ggml_blck_size(static_cast<ggml_type>(type)) : 0;
    if (block <= 0) {
        broken(in.path(), "tensor \"" + place.info.name + "\" has unknown type " + std::to_string(type));
    }
    const int64_t row = dimensions > 0 ? place.info.shape[0] : 1;
    if (row % block != 0) {
        broken(in.path(), "rows of tensor \"" + place.info.name + "\" are no whole blocks");
    }
    place.info.type = lower(ggml_type_name(static_cast<ggml_type>(type)));
    place.info.bytes = elements / static_cast<uint64_t>(block) * ggml_type_size(static_cast<ggml_type>(type));
    place.offset = in.value<uint64_t>("tensor list");
    return place;
}

uint64_t alignment_of(const Reader & in, const GgufFile & file) {
    const int64_t alignment = file.integer("general.alignment", DEFAULT_ALIGNMENT);
    if (alignment <= 0 || (alignment & (alignment - 1)) != 0) {
        broken(in.path(), "general.alignment is no power of two");
    }
    return static_cast<uint64_t>(alignment);
}

void read_tensors(Reader & in, uint64_t count, GgufFile & file) {
    in.expect(count, 8 + 4 + 4 + 8, "tensor list"); // name length, dimensions, type, offset
    std::vector<TensorPlace> places;
    std::set<std::string> names;
    for (uint64_t i = 0; i < count; i++) {
        places.push_back(read_tensor(in));
        if (!names.insert(places.back().info.name).second) {
            broken(in.path(), "tensor \"" + places.back().info.name + "\" appears twice");
        }
    }
    const uint64_t alignment = alignment_of(in, file);
    const uint64_t padding = (alignment - in.position() % alignment) % alignment;
    if (count > 0 && padding > in.remaining()) {
        in.truncated("tensor data");
    }
    const uint64_t data = in.position() + padding;
    for (TensorPlace & place : places) {
        if (place.offset % alignment != 0) {
            broken(in.path(), "tensor \"" + place.info.name + "\" is not aligned");
        }
        const uint64_t space = in.size() - data;
        if (place.offset > space || place.info.bytes > space - place.offset) {
            in.truncated("tensor data");
        }
        file.tensors.push_back(std::move(place.info));
    }
}

} // namespace

std::string GgufFile::text(const std::string & key) const {
    const auto found = metadata.find(key);
    if (found == metadata.end() || found->second.is_array) {
        return "";
    }
    const auto * value = std::get_if<std::string>(&found->second.values.front());
    return value != nullptr ? *value : "";
}

int64_t GgufFile::integer(const std::string & key, int64_t otherwise) const {
    const auto found = metadata.find(key);
    if (found == metadata.end() || found->second.is_array) {
        return otherwise;
    }
    const GgufScalar & value = found->second.values.front();
    if (const auto * u = std::get_if<uint64_t>(&value)) {
        return *u <= INT64_MAX ? static_cast<int64_t>(*u) : otherwise;
    }
    if (const auto * i = std::get_if<int64_t>(&value)) {
        return *i;
    }
    if (const auto * b = std::get_if<bool>(&value)) {
        return *b ? 1 : 0;
    }
    return otherwise;
}

const GgufTensorInfo * GgufFile::tensor(const std::string & name) const {
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const GgufTensorInfo & t) { return t.name == name; });
    return found != tensors.end() ? &*found : nullptr;
}

GgufFile read_gguf(const std::string & path) {
    Reader in(path);
    GgufFile file;
    file.file_bytes = in.size();
    char magic[4] = {};
    if (in.size() < sizeof magic) {
        broken(path, in.size() == 0 ? "it is empty" : "it is shorter than the magic number");
    }
    in.bytes(magic, sizeof magic, "header");
    if (std::memcmp(magic, GGUF_MAGIC, sizeof magic) != 0) {
        broken(path, "it does not begin with \"GGUF\"");
    }
    file.version = in.value<uint32_t>("header");
    if (file.version != 2 && file.version != 3) {
        broken(path, (file.version & 0xFFFF) == 0
                         ? "it is in big-endian byte order"
                         : "version " + std::to_string(file.version) + " is not supported (2 and 3 are)");
    }
    const auto tensor_count = in.value<uint64_t>("header");
    const auto entry_count = in.value<uint64_t>("header");
    read_metadata(in, entry_count, file);
    read_tensors(in, tensor_count, file);
    return file;
}
