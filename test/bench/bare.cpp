// The work of one detection in plain C++ over libmtmd and libllama: what the addon is measured against.
//
//   holoscope-bare --model M --mmproj P --prompt FILE (--rgb FILE --width W --height H | --image FILE)
//                  [--grammar FILE] [--bins DIR] [--encode-threads N] [--prefill-threads N] [--generate-threads N]
//                  [--context N] [--batch N] [--max-tokens N]
//
//                  [--image-max-tokens N]
//
// --rgb is 8-bit RGB, row by row. --bins is the folder with the ggml backends. Makes one run for each line on standard
// input, so that another program's runs can be interleaved with these, and prints a JSON line for each with the
// milliseconds of each stage, measured with a monotonic clock, and the answer. A line is "run", or the path of an image
// to take in place of --image.
#include "encoder_hooks.hpp"
#include "threads.hpp"
#include "vit/vit_state.hpp"

#include "ggml-backend.h"
#include "llama.h"
#include "mtmd-helper.h"
#include "mtmd.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string & message) {
    std::fprintf(stderr, "holoscope-bare: %s\n", message.c_str());
    std::exit(1);
}

std::string read_file(const std::string & path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        die("cannot read " + path);
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

double ms_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

class Arguments {
  public:
    Arguments(int count, char ** values) {
        for (int i = 1; i + 1 < count; i += 2) {
            values_[values[i]] = values[i + 1];
        }
    }
    std::string text(const char * name, const std::string & otherwise = "") const {
        const auto found = values_.find(name);
        return found != values_.end() ? found->second : otherwise;
    }
    int number(const char * name, int otherwise) const {
        const std::string value = text(name);
        return value.empty() ? otherwise : std::atoi(value.c_str());
    }

  private:
    std::map<std::string, std::string> values_;
};

std::string json_string(const std::string & text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            out += escaped;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

void decode_tokens(llama_context * context, const llama_token * tokens, int count, int position, bool last) {
    llama_batch batch = llama_batch_init(count, 0, 1);
    batch.n_tokens = count;
    for (int i = 0; i < count; i++) {
        batch.token[i] = tokens[i];
        batch.pos[i] = position + i;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i] = last && i + 1 == count ? 1 : 0;
    }
    if (llama_decode(context, batch) != 0) {
        die("llama_decode failed");
    }
    llama_batch_free(batch);
}

// Greedy, with the same order as the addon: the grammar is asked about the first choice only, unless it refuses.
llama_token choose(const float * logits, int vocabulary, llama_sampler * grammar, std::vector<llama_token_data> & all) {
    auto best = static_cast<llama_token>(std::max_element(logits, logits + vocabulary) - logits);
    if (grammar == nullptr) {
        return best;
    }
    llama_token_data one{best, 1.0f, 0.0f};
    llama_token_data_array single{&one, 1, -1, false};
    llama_sampler_apply(grammar, &single);
    if (one.logit == -INFINITY) {
        all.resize(static_cast<size_t>(vocabulary));
        for (int i = 0; i < vocabulary; i++) {
            all[static_cast<size_t>(i)] = {i, logits[i], 0.0f};
        }
        llama_token_data_array array{all.data(), all.size(), -1, false};
        llama_sampler_apply(grammar, &array);
        best = std::max_element(all.begin(), all.end(), [](const auto & a, const auto & b) {
                   return a.logit < b.logit;
               })->id;
    }
    return best;
}

mtmd_bitmap * read_bitmap(const Arguments & arguments, const std::string & line, mtmd_context * encoder) {
    if (const std::string image = line == "run" ? arguments.text("--image") : line; !image.empty()) {
        mtmd_helper_bitmap_wrapper wrapper =
            mtmd_helper_bitmap_init_from_file(encoder, image.c_str(), false, mtmd_helper_init_opt_default());
        return wrapper.bitmap != nullptr ? wrapper.bitmap : (die("cannot decode " + image), nullptr);
    }
    const std::string rgb = read_file(arguments.text("--rgb"));
    const int width = arguments.number("--width", 0), height = arguments.number("--height", 0);
    if (rgb.size() != static_cast<size_t>(width) * static_cast<size_t>(height) * 3) {
        die("--rgb does not hold --width x --height x 3 bytes");
    }
    return mtmd_bitmap_init(static_cast<uint32_t>(width), static_cast<uint32_t>(height),
                            reinterpret_cast<const unsigned char *>(rgb.data()));
}

struct Setup {
    llama_model * model;
    mtmd_context * encoder;
    llama_context * context;
    std::string prompt, grammar;
    int batch, max_tokens;
};

void run_once(const Arguments & arguments, const Setup & setup, const std::string & line, int run) {
    const llama_vocab * vocab = llama_model_get_vocab(setup.model);
    const int vocabulary = llama_vocab_n_tokens(vocab);

    const auto start = Clock::now();
    const std::unique_ptr<mtmd_bitmap, decltype(&mtmd_bitmap_free)> image(read_bitmap(arguments, line, setup.encoder),
                                                                          mtmd_bitmap_free);
    const mtmd_bitmap * bitmap = image.get();
    const auto decoded = Clock::now();
    llama_memory_clear(llama_get_memory(setup.context), false);
    std::unique_ptr<mtmd_input_chunks, decltype(&mtmd_input_chunks_free)> chunks(mtmd_input_chunks_init(),
                                                                                 mtmd_input_chunks_free);
    const mtmd_input_text text{setup.prompt.c_str(), setup.prompt.size(), true, true};
    if (mtmd_tokenize(setup.encoder, chunks.get(), &text, &bitmap, 1) != 0) {
        die("mtmd_tokenize failed");
    }
    const auto prepared = Clock::now();
    const size_t count = mtmd_input_chunks_size(chunks.get());
    for (size_t i = 0; i < count; i++) {
        const mtmd_input_chunk * chunk = mtmd_input_chunks_get(chunks.get(), i);
        if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_IMAGE &&
            mtmd_encode_chunk(setup.encoder, chunk) != 0) {
            die("mtmd_encode_chunk failed");
        }
    }
    const auto encoded = Clock::now();
    llama_pos position = 0;
    double image_ms = 0;
    size_t image_tokens = 0;
    for (size_t i = 0; i < count; i++) {
        const mtmd_input_chunk * chunk = mtmd_input_chunks_get(chunks.get(), i);
        if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
            size_t tokens = 0;
            const llama_token * list = mtmd_input_chunk_get_tokens_text(chunk, &tokens);
            decode_tokens(setup.context, list, static_cast<int>(tokens), position, i + 1 == count);
            position += static_cast<llama_pos>(tokens);
            continue;
        }
        llama_synchronize(setup.context);
        const auto before = Clock::now();
        if (mtmd_helper_decode_image_chunk(setup.encoder, setup.context, chunk, mtmd_get_output_embd(setup.encoder),
                                           position, 0, setup.batch, &position, nullptr, nullptr) != 0) {
            die("the image could not be decoded");
        }
        llama_synchronize(setup.context);
        image_ms += ms_between(before, Clock::now());
        image_tokens += mtmd_input_chunk_get_n_tokens(chunk);
    }
    llama_synchronize(setup.context);
    const auto prefilled = Clock::now();

    std::unique_ptr<llama_sampler, decltype(&llama_sampler_free)> grammar(
        setup.grammar.empty() ? nullptr : llama_sampler_init_grammar(vocab, setup.grammar.c_str(), "root"),
        llama_sampler_free);
    if (!setup.grammar.empty() && !grammar) {
        die("the grammar does not parse");
    }
    std::vector<llama_token_data> candidates;
    std::string answer;
    double first_box_ms = -1;
    int tokens = 0;
    while (tokens < setup.max_tokens) {
        const float * logits = llama_get_logits_ith(setup.context, -1);
        const llama_token token = choose(logits, vocabulary, grammar.get(), candidates);
        if (llama_vocab_is_eog(vocab, token)) {
            break;
        }
        if (grammar) {
            llama_sampler_accept(grammar.get(), token);
        }
        char piece[256];
        const int length = llama_token_to_piece(vocab, token, piece, sizeof piece, 0, true);
        answer.append(piece, static_cast<size_t>(std::max(length, 0)));
        if (first_box_ms < 0 && answer.find('}') != std::string::npos) {
            first_box_ms = ms_between(start, Clock::now());
        }
        if (++tokens < setup.max_tokens) {
            decode_tokens(setup.context, &token, 1, position++, true);
        }
    }
    const auto finished = Clock::now();
    std::printf("{\"run\":%d,\"decodeMs\":%.3f,\"prepareMs\":%.3f,\"encodeMs\":%.3f,\"prefillMs\":%.3f,"
                "\"imagePrefillMs\":%.3f,\"generateMs\":%.3f,\"totalMs\":%.3f,\"firstBoxMs\":%.3f,\"imageTokens\":%zu,"
                "\"tokens\":%d,\"answer\":%s}\n",
                run, ms_between(start, decoded), ms_between(decoded, prepared), ms_between(prepared, encoded),
                ms_between(encoded, prefilled), image_ms, ms_between(prefilled, finished), ms_between(start, finished),
                first_box_ms, image_tokens, tokens, json_string(answer).c_str());
    std::fflush(stdout);
}

void ignore_log(ggml_log_level, const char *, void *) {}

} // namespace

int main(int argc, char ** argv) {
    const Arguments arguments(argc, argv);
    const int cores = physical_cores();
    const int encode_threads = arguments.number("--encode-threads", cores);
    const int prefill_threads = arguments.number("--prefill-threads", cores);
    const int generate_threads = arguments.number("--generate-threads", 1);

    llama_log_set(ignore_log, nullptr);
    mtmd_helper_log_set(ignore_log, nullptr);
    ggml_backend_load_all_from_path(arguments.text("--bins", ".").c_str());

    llama_model_params model_params = llama_model_default_params();
    llama_model * model = llama_model_load_from_file(arguments.text("--model").c_str(), model_params);
    if (model == nullptr) {
        die("the model could not be loaded (is --bins right?)");
    }
    mtmd_context_params encoder_params = mtmd_context_params_default();
    encoder_params.print_timings = false;
    encoder_params.warmup = false;
    encoder_params.n_threads = encode_threads;
    encoder_params.image_min_tokens = 1;
    encoder_params.image_max_tokens = arguments.number("--image-max-tokens", 65536);
    mtmd_context * encoder = mtmd_init_from_file(arguments.text("--mmproj").c_str(), model, encoder_params);
    if (encoder == nullptr) {
        die("the mmproj could not be loaded");
    }
    clip_ctx * vision = encoder_hook_vision(encoder);
    encoder_hook_state(vision).windowed = false; // the addon is measured against what llama.cpp does by itself
    llama_context_params context_params = llama_context_default_params();
    context_params.n_ctx = static_cast<uint32_t>(arguments.number("--context", 4096));
    context_params.n_batch = context_params.n_ubatch = static_cast<uint32_t>(arguments.number("--batch", 2048));
    context_params.n_outputs_max = 1;
    context_params.n_threads = generate_threads;
    context_params.n_threads_batch = prefill_threads;
    llama_context * context = llama_init_from_model(model, context_params);
    if (context == nullptr) {
        die("the context could not be created");
    }
    {
        ThreadPool encode_pool(encode_threads), generate_pool(generate_threads), prefill_pool(prefill_threads);
        encoder_hook_cpu_execution(vision, encode_pool.get(), nullptr, nullptr);
        if (generate_pool.get() != nullptr) {
            llama_attach_threadpool(context, generate_pool.get(), prefill_pool.get());
        }
        const Setup setup{model,
                          encoder,
                          context,
                          read_file(arguments.text("--prompt")),
                          arguments.text("--grammar").empty() ? "" : read_file(arguments.text("--grammar")),
                          static_cast<int>(context_params.n_batch),
                          arguments.number("--max-tokens", 512)};
        std::string line;
        for (int run = 0; std::getline(std::cin, line); run++) {
            run_once(arguments, setup, line, run);
        }
        llama_free(context);
        mtmd_free(encoder);
    }
    llama_model_free(model);
    return 0;
}
