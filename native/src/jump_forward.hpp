// Which tokens an answer will go on with where little choice is left: what the grammar forces, and the fixed parts of
// an answer whose elements all look alike. Only proposals: the caller runs them through the model in one batch and keeps
// those that it would have chosen one by one. Forced text is not forced tokens (several tokens may spell it, and one may
// reach beyond its end), so there is no other way to the same tokens.
#pragma once

#include "sampling.hpp"

#include "llama.h"

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

class JumpForward {
  public:
    // Examples: answers as the model writes them; may be empty.
    JumpForward(const llama_vocab * vocab, const std::vector<std::string> & examples);

    // The next token of the answer, as it was chosen.
    void wrote(llama_token token);

    // At most so many tokens that may follow. The sampler stands behind the last token of the answer.
    std::vector<llama_token> propose(const Sampler & sampler, size_t most);

    // How many of the last proposal were chosen.
    void judge(size_t accepted);

  private:
    // What the pieces of the last two tokens look like, their numbers left out.
    using Place = std::pair<uint64_t, uint64_t>;
    struct PlaceHash {
        size_t operator()(const Place & place) const {
            return static_cast<size_t>(place.first * 0x9E3779B97F4A7C15ull ^ place.second);
        }
    };
    struct Follower {
        llama_token token = LLAMA_TOKEN_NULL;
        int in_a_row = 0; // how often it followed since another did
        int seen = 0;     // how often anything did
    };

    static Place after(const Place & place, const std::string & piece);
    llama_token follower(const Place & place) const; // or LLAMA_TOKEN_NULL
    void learn(Place & place, llama_token token);
    std::vector<llama_token> from_memory(size_t most) const;
    std::vector<llama_token> from_grammar(const Sampler & sampler, size_t most);

    const llama_vocab * vocab_;
    std::unordered_map<Place, Follower, PlaceHash> followers_;
    std::unordered_map<uint64_t, Follower> followers_by_last_;
    Place place_{0, 0};
    std::string ending_;            // the kinds of the answer's last two bytes
    std::set<std::string> barren_;  // endings after which the grammar forced nothing, or not the proposed tokens
    bool asked_grammar_ = false;    // the last proposal was the grammar's
    std::string proposed_after_;    // ending_ at the last proposal
    size_t proposals_ = 0, accepted_ = 0; // accepted tokens, all in all
};
