// Generation: greedy, one token for each call of the model, or several where the next ones can be guessed.
#include "session.hpp"

#include "failure.hpp"
#include "jump_forward.hpp"
#include "sampling.hpp"
#include "token_batch.hpp"
#include "vocabulary.hpp"

#include <algorithm>
#include <utility>

// The tokens of one call of the model: one that was chosen, followed by some that are proposed to be chosen next.
class Session::Step {
  public:
    explicit Step(Session & session) : session_(session), batch_(MOST_OUTPUTS) {}

    // Index, as llama_get_logits_ith() counts, of the logits that follow the last chosen token.
    int row() const { return row_; }

    // Whether this token, which is chosen now, was proposed and so has been run through the model already.
    bool has(llama_token token) {
        if (chosen_ == proposed_.size() || proposed_[chosen_] != token) {
            return false;
        }
        chosen_++;
        row_++;
        session_.position_++;
        return true;
    }

    // How many of the proposed tokens were chosen.
    size_t chosen() const { return chosen_; }

    // Takes the proposed tokens that were not chosen out of the KV cache, then runs a chosen one and what is proposed
    // next.
    void next(llama_token token, std::vector<llama_token> proposed) {
        llama_memory_t memory = llama_get_memory(session_.context_.get());
        if (chosen_ < proposed_.size() && !llama_memory_seq_rm(memory, 0, session_.position_, -1)) {
            session_.forget_live_prefix();
            fail("DECODE_FAILED", "Tokens could not be taken out of the KV cache again.");
        }
        proposed_ = std::move(proposed);
        chosen_ = 0;
        batch_.clear();
        llama_pos position = session_.position_;
        batch_.add(token, position, true);
        for (const llama_token each : proposed_) {
            batch_.add(each, ++position, true);
        }
        session_.decode(batch_.get(), "generate");
        session_.position_++;
        row_ = 0;
    }

  private:
    Session & session_;
    TokenBatch batch_;
    std::vector<llama_token> proposed_;
    size_t chosen_ = 0;
    int row_ = -1; // at first the prompt's last token
};

Generated Session::generate(const GenerateSettings & settings, const std::function<void(Token)> & on_token) {
    need(Stage::prefilled, "prefill()");
    const int max_tokens = settings.max_tokens;
    if (max_tokens < 1) {
        fail("BAD_ARGUMENT", "maxTokens must be positive, not %d.", max_tokens);
    }
    const llama_vocab * vocab = llama_model_get_vocab(model_.get());
    Sampler sampler(vocab, bytes_, settings.grammar);
    stage_ = Stage::encoded; // generating changes the KV cache: another answer needs another prefill

    std::optional<JumpForward> forward;
    if (settings.jump_forward && !settings.grammar.empty() && most_taken_back() > 0) {
        forward.emplace(vocab, settings.examples);
        // A call with a few tokens uses as many threads as one with a single token: more can lose more by waiting for
        // each other than they gain.
        const int threads = llama_n_threads(context_.get());
        llama_set_n_threads(context_.get(), threads, std::min(threads, llama_n_threads_batch(context_.get())));
    }
    const int batch_room = std::min({most_taken_back(), configured_->batch_tokens - 1, configured_->ubatch_tokens - 1});
    int room = static_cast<int>(llama_n_ctx(context_.get())); // tokens that the KV cache can still take
    for (const mtmd_input_chunk * chunk : chunks()) {
        room -= static_cast<int>(mtmd_input_chunk_get_n_tokens(chunk));
    }
    Generated result;
    Step step(*this);
    while (result.tokens < max_tokens) {
        throw_if_cancelled();
        const float * logits = llama_get_logits_ith(context_.get(), step.row());
        if (logits == nullptr) {
            fail("DECODE_FAILED", "The language model gave no logits.");
        }
        const Choice choice = sampler.choose(logits);
        if (choice.token == LLAMA_TOKEN_NULL || (choice.overruled && choice.only_end_allowed)) {
            result.finish = "grammar";
            return result;
        }
        if (llama_vocab_is_eog(vocab, choice.token)) {
            result.finish = "eos";
            return result;
        }
        result.tokens++;
        on_token({choice.token, piece_of(vocab, choice.token), choice.log_prob, choice.overruled});
        if (forward) {
            forward->wrote(choice.token);
        }
        if (step.has(choice.token)) {
            result.jumps += step.chosen() == 1 ? 1 : 0;
            result.accepted++;
            room--;
            continue;
        }
        if (result.tokens == max_tokens) {
            break;
        }
        if (room == 0) {
            fail("CONTEXT_TOO_SMALL", "The answer grew beyond the context of %u tokens.", llama_n_ctx(context_.get()));
        }
        std::vector<llama_token> proposed;
        if (forward) {
            forward->judge(step.chosen());
            // No more than can still become part of the answer.
            const int most = std::min({batch_room, room - 1, max_tokens - result.tokens - 1});
            proposed = forward->propose(sampler, static_cast<size_t>(std::max(0, most)));
        }
        result.calls++;
        result.proposed += static_cast<int>(proposed.size());
        step.next(choice.token, std::move(proposed));
        room--;
    }
    result.finish = "length";
    return result;
}
