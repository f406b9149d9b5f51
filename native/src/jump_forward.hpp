// Guesses the next tokens of an answer where little choice is left: text that the grammar forces, and the fixed parts
// of an answer whose elements all look alike. The caller runs the proposed tokens through the model in one batch and
// keeps those that it would have chosen one by one. Forced text cannot simply be taken over: several tokenizations may
// spell it, and a token may reach beyond its end, so only the model tells which tokens it would have chosen.
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

    // Tells which token was chosen next.
    void wrote(llama_token token);

    // Up to `most` tokens that may follow. `sampler` has accepted the answer so far.
    std::vector<llama_token> propose(const Sampler & sampler, size_t most);

    // Tells how many tokens of the last proposal were chosen.
    void judge(size_t accepted);

  private:
    // Hashes of the last two tokens' texts, in which all numbers count as equal.
    using Place = std::pair<uint64_t, uint64_t>;
    struct PlaceHash {
        size_t operator()(const Place & place) const {
            return static_cast<size_t>(place.first * 0x9E3779B97F4A7C15ull ^ place.second);
        }
    };
    struct Follower {
        llama_token token = LLAMA_TOKEN_NULL;
        int in_a_row = 0; // how often `token` followed since another one did
        int seen = 0;     // how often any token followed
    };

    static Place after(const Place & place, const std::string & piece);
    llama_token follower(const Place & place) const; // LLAMA_TOKEN_NULL if it cannot be guessed
    void learn(Place & place, llama_token token);
    std::vector<llama_token> from_memory(size_t most) const;
    std::vector<llama_token> from_grammar(const Sampler & sampler, size_t most);

    const llama_vocab * vocab_;
    std::unordered_map<Place, Follower, PlaceHash> followers_;
    std::unordered_map<uint64_t, Follower> followers_by_last_;
    Place place_{0, 0};
    std::string ending_;           // kinds (letter, digit or the byte itself) of the answer's last two bytes
    std::set<std::string> barren_; // endings after which the grammar forced too little, or its proposal was refused
    bool asked_grammar_ = false;   // the last proposal was the grammar's
    std::string proposed_after_;   // ending_ at the last proposal
    size_t proposals_ = 0, accepted_ = 0; // number of proposals, and of all accepted tokens
};
