#include "prefix_cache.hpp"

#include <algorithm>
#include <utility>

bool ImagePrefix::same_as(const ImagePrefix & other) const {
    return image == other.image && before == other.before && image_tokens == other.image_tokens &&
           batch == other.batch && micro_batch == other.micro_batch && flash_attention == other.flash_attention;
}

void PrefixCache::set_budget(size_t bytes) {
    budget_ = bytes;
    trim();
    if (bytes_ > budget_) {
        clear();
    }
}

void PrefixCache::clear() {
    entries_.clear();
    bytes_ = 0;
}

std::list<PrefixCache::Entry>::iterator PrefixCache::find(const std::string & image) {
    return std::find_if(entries_.begin(), entries_.end(), [&](const Entry & entry) { return entry.image == image; });
}

const PrefixCache::Embeddings * PrefixCache::embeddings(const std::string & image) {
    const auto entry = find(image);
    if (entry == entries_.end()) {
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return &entry->embeddings;
}

const PrefixState * PrefixCache::state(const ImagePrefix & prefix) {
    const auto entry = find(prefix.image);
    const bool there = entry != entries_.end() && entry->state.bytes > 0 && entry->state.prefix.same_as(prefix);
    return there ? &entry->state : nullptr;
}

void PrefixCache::keep(const std::string & image, Embeddings embeddings) {
    if (const auto before = find(image); before != entries_.end()) {
        bytes_ -= before->bytes();
        entries_.erase(before);
    }
    Entry entry{image, std::move(embeddings), {}};
    if (entry.bytes() > budget_) {
        return;
    }
    bytes_ += entry.bytes();
    entries_.push_front(std::move(entry));
    trim();
}

bool PrefixCache::wants_state(const ImagePrefix & prefix, size_t bytes) {
    const auto entry = find(prefix.image);
    if (entry == entries_.end() || bytes == 0 || state(prefix) != nullptr) {
        return false;
    }
    return entry->embeddings.values.size() * sizeof(float) + bytes <= budget_;
}

void PrefixCache::keep(PrefixState state) {
    if (!wants_state(state.prefix, state.bytes)) {
        return;
    }
    const auto entry = find(state.prefix.image);
    bytes_ -= entry->bytes();
    entry->state = std::move(state);
    bytes_ += entry->bytes();
    trim();
}

// The image used last always stays: keep() has made sure that it fits the budget by itself.
void PrefixCache::trim() {
    while (entries_.size() > 1 && (bytes_ > budget_ || entries_.size() > MOST_IMAGES)) {
        bytes_ -= entries_.back().bytes();
        entries_.pop_back();
    }
}
