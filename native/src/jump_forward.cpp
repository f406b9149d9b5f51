#include "jump_forward.hpp"

#include "vocabulary.hpp"

#include <algorithm>
#include <functional>

namespace {

// After this many proposals, go on only if they brought one accepted token each.
constexpr size_t TRIAL = 6;

// The fewest tokens worth proposing. A call with several tokens needs another graph than one with a single token, so
// this call and the next one each build their graph anew; on a CPU that takes longer than the one call that is saved at
// best.
constexpr size_t FEWEST = 2;

constexpr size_t MOST_FORCED_BYTES = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A hash of the text in which every number counts as the same single digit.
uint64_t shape_of(const std::string & piece) {
    std::string shape;
    for (const char c : piece) {
        if (!is_digit(c)) {
            shape.push_back(c);
        } else if (shape.empty() || shape.back() != '0') {
            shape.push_back('0');
        }
    }
    return std::hash<std::string>{}(shape);
}

char kind_of(char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
    return is_digit(c) ? '0' : letter ? 'a' : c;
}

} // namespace

JumpForward::JumpForward(const llama_vocab * vocab, const std::vector<std::string> & examples) : vocab_(vocab) {
    for (const std::string & example : examples) {
        Place place{0, 0};
        for (const llama_token token : tokens_of(vocab, example)) {
            learn(place, token);
        }
    }
}

JumpForward::Place JumpForward::after(const Place & place, const std::string & piece) {
    return {place.second, shape_of(piece)};
}

void JumpForward::learn(Place & place, llama_token token) {
    for (Follower * follower : {&followers_[place], &followers_by_last_[place.second]}) {
        follower->in_a_row = follower->token == token ? follower->in_a_row + 1 : 1;
        follower->token = token;
        follower->seen++;
    }
    place = after(place, piece_of(vocab_, token));
}

void JumpForward::wrote(llama_token token) {
    learn(place_, token);
    for (const char c : piece_of(vocab_, token)) {
        ending_.push_back(kind_of(c));
    }
    ending_.erase(0, ending_.size() - std::min<size_t>(ending_.size(), 2));
}

// A token that followed the same two tokens twice in a row is taken as a fixed part of the answer, and so is one that
// followed once, unless it is a number. After two tokens that were never seen together, such as behind a new label, the
// last one alone decides.
llama_token JumpForward::follower(const Place & place) const {
    const auto found = followers_.find(place);
    if (found == followers_.end()) {
        const auto by_last = followers_by_last_.find(place.second);
        const bool fixed = by_last != followers_by_last_.end() && by_last->second.in_a_row >= 2;
        return fixed ? by_last->second.token : LLAMA_TOKEN_NULL;
    }
    const Follower & follower = found->second;
    if (follower.in_a_row >= 2) {
        return follower.token;
    }
    const std::string piece = piece_of(vocab_, follower.token);
    const bool number = std::any_of(piece.begin(), piece.end(), is_digit);
    return follower.seen == 1 && !number ? follower.token : LLAMA_TOKEN_NULL;
}

std::vector<llama_token> JumpForward::from_memory(size_t most) const {
    std::vector<llama_token> tokens;
    Place place = place_;
    for (llama_token next = follower(place); next != LLAMA_TOKEN_NULL && tokens.size() < most; next = follower(place)) {
        tokens.push_back(next);
        place = after(place, piece_of(vocab_, next));
    }
    return tokens;
}

std::vector<llama_token> JumpForward::from_grammar(const Sampler & sampler, size_t most) {
    if (barren_.count(ending_) > 0) {
        return {};
    }
    std::vector<llama_token> tokens = tokens_of(vocab_, sampler.forced_text(MOST_FORCED_BYTES));
    if (tokens.size() < FEWEST) {
        barren_.insert(ending_);
        return {};
    }
    tokens.resize(std::min(tokens.size(), most));
    return tokens;
}

std::vector<llama_token> JumpForward::propose(const Sampler & sampler, size_t most) {
    asked_grammar_ = false;
    if (most < FEWEST || (proposals_ >= TRIAL && accepted_ < proposals_)) {
        return {};
    }
    std::vector<llama_token> tokens = from_memory(most);
    if (tokens.size() < FEWEST) {
        tokens = from_grammar(sampler, most);
        asked_grammar_ = true;
    }
    proposals_ += tokens.empty() ? 0 : 1;
    proposed_after_ = ending_;
    return tokens;
}

void JumpForward::judge(size_t accepted) {
    accepted_ += accepted;
    if (accepted == 0 && asked_grammar_) {
        barren_.insert(proposed_after_);
    }
}
