// The arithmetic of attention on a CPU, in vectors of LANES floats (GCC's and Clang's vector extensions). Included by
// one translation unit for each instruction set, which defines the function's name as HOLOSCOPE_ATTENTION. Nothing else
// here may have external linkage, or the linker could mix the instruction sets.
//
// Each lane of a vector is another query: scores are stored as [key][query], so that maximum, sum and rescaling of the
// softmax never cross lanes, and keys and values are used in the order in which they lie in memory. llama.cpp's kernel
// transposes every tile of keys again for each tile of queries. The softmax is FlashAttention's running one (Dao et
// al., 2022).
#pragma once

#include "vit/cpu_attention_block.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__F16C__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

namespace {

typedef float Vector __attribute__((vector_size(LANES * 4)));
typedef int32_t Integers __attribute__((vector_size(LANES * 4)));

constexpr int QUERIES = AttentionBlock::QUERIES;
constexpr int KEYS = 64;                                                       // of a tile
constexpr int GROUPS = QUERIES / LANES;                                        // vectors of queries
constexpr int ROWS = 4;                                                        // of the product's register block
constexpr int COLUMNS = GROUPS < REGISTER_COLUMNS ? GROUPS : REGISTER_COLUMNS; // vectors of the register block
constexpr float LOWEST_EXPONENT = -126.0f;                                     // 2^-126 is the smallest normal float
constexpr float LOWEST_SCORE = -1e30f;

inline Vector load(const float * from) {
    Vector value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

inline void store(float * to, Vector value) {
    std::memcpy(to, &value, sizeof value);
}

inline Vector larger(Vector a, Vector b) {
    return a > b ? a : b;
}

// 2^x to about 2e-7 of its value for x <= 0; 2^-126 below that.
inline Vector exp2_of(Vector x) {
    // Adding 1.5 * 2^23 leaves the rounded integer in the low bits of the sum.
    constexpr float ROUNDER = 12582912.0f;
    x = larger(x, Vector{} + LOWEST_EXPONENT);
    const Vector rounded = x + ROUNDER;
    const Vector f = x - (rounded - ROUNDER);
    // Taylor's series of 2^f on [-0.5, 0.5].
    Vector p = Vector{} + 1.5403530e-4f;
    p = p * f + 1.3333558e-3f;
    p = p * f + 9.6181291e-3f;
    p = p * f + 5.5504109e-2f;
    p = p * f + 2.4022651e-1f;
    p = p * f + 6.9314718e-1f;
    p = p * f + 1.0f;
    return reinterpret_cast<Vector>(reinterpret_cast<Integers>(p) + (reinterpret_cast<Integers>(rounded) << 23));
}

// out = out * scale + A * b, or with accumulate = false: out = A * b. out: [rows][QUERIES], scale: [QUERIES], b:
// [depth][QUERIES]. A(row, step) is a[row * row_stride + step * step_stride]. `rows` is a multiple of ROWS.
template <bool accumulate>
inline void multiply(float * out, const float * scale, const float * a, size_t row_stride, size_t step_stride,
                     const float * b, int rows, int depth) {
    for (int row = 0; row < rows; row += ROWS) {
        for (int column = 0; column < QUERIES; column += COLUMNS * LANES) {
            float * block = out + row * QUERIES + column;
            Vector sums[ROWS][COLUMNS];
            for (int i = 0; i < ROWS; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    sums[i][j] = accumulate ? load(block + i * QUERIES + j * LANES) * load(scale + column + j * LANES)
                                            : Vector{};
                }
            }
            const float * values = a + row * row_stride;
            const float * from = b + column;
            for (int step = 0; step < depth; step++) {
                Vector right[COLUMNS];
                for (int j = 0; j < COLUMNS; j++) {
                    right[j] = load(from + j * LANES);
                }
                for (int i = 0; i < ROWS; i++) {
                    const float left = values[i * row_stride];
                    for (int j = 0; j < COLUMNS; j++) {
                        sums[i][j] += left * right[j];
                    }
                }
                values += step_stride;
                from += QUERIES;
            }
            for (int i = 0; i < ROWS; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    store(block + i * QUERIES + j * LANES, sums[i][j]);
                }
            }
        }
    }
}

// Turns a tile of scores into weights relative to the running maximum and adds them to the running sum. `rescale`
// becomes the factor by which the outputs so far have to be multiplied.
inline void soften(float * scores, int keys, float * maximum, float * sum, float * rescale) {
    for (int at = 0; at < QUERIES; at += LANES) {
        const Vector before = load(maximum + at);
        Vector top = before;
        for (int key = 0; key < keys; key++) {
            top = larger(top, load(scores + key * QUERIES + at));
        }
        Vector total = Vector{};
        for (int key = 0; key < keys; key++) {
            const Vector weight = exp2_of(load(scores + key * QUERIES + at) - top);
            store(scores + key * QUERIES + at, weight);
            total += weight;
        }
        const Vector factor = exp2_of(before - top);
        store(maximum + at, top);
        store(sum + at, load(sum + at) * factor + total);
        store(rescale + at, factor);
    }
}

// Four half floats as floats.
inline void widen(float * to, const uint16_t * from) {
#if defined(__F16C__)
    _mm_storeu_ps(to, _mm_cvtph_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(from))));
#else
    vst1q_f32(to, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from))));
#endif
}

inline void widen_rows(float * to, const char * from, size_t stride, int rows, int width) {
    for (int row = 0; row < rows; row++) {
        const auto * halves = reinterpret_cast<const uint16_t *>(from + row * stride);
        for (int at = 0; at < width; at += 4) {
            widen(to + row * width + at, halves + at);
        }
    }
}

} // namespace

void HOLOSCOPE_ATTENTION(const AttentionBlock & block) {
    constexpr int WIDEST = AttentionBlock::WIDEST_HEAD;
    alignas(64) float queries[WIDEST * QUERIES];
    alignas(64) float keys[KEYS * WIDEST];
    alignas(64) float values[KEYS * WIDEST];
    alignas(64) float scores[KEYS * QUERIES];
    alignas(64) float outputs[WIDEST * QUERIES];
    alignas(64) float maximum[QUERIES], sum[QUERIES], rescale[QUERIES];
    const int width = block.width;

    std::memset(queries, 0, static_cast<size_t>(width) * QUERIES * sizeof(float));
    for (int query = 0; query < block.queries; query++) {
        const auto * row = reinterpret_cast<const float *>(block.q + query * block.q_stride);
        for (int i = 0; i < width; i++) {
            queries[i * QUERIES + query] = row[i] * block.scale;
        }
    }
    std::memset(outputs, 0, static_cast<size_t>(width) * QUERIES * sizeof(float));
    for (int query = 0; query < QUERIES; query++) {
        maximum[query] = LOWEST_SCORE;
        sum[query] = 0;
    }
    for (int first = 0; first < block.keys; first += KEYS) {
        const int count = block.keys - first < KEYS ? block.keys - first : KEYS;
        const int rows = (count + ROWS - 1) / ROWS * ROWS;
        widen_rows(keys, block.k + first * block.k_stride, block.k_stride, count, width);
        std::memset(keys + count * width, 0, static_cast<size_t>(rows - count) * width * sizeof(float));
        widen_rows(values, block.v + first * block.v_stride, block.v_stride, count, width);
        multiply<false>(scores, nullptr, keys, width, 1, queries, rows, width);
        soften(scores, count, maximum, sum, rescale);
        multiply<true>(outputs, rescale, values, 1, width, scores, width, count);
    }
    for (int query = 0; query < block.queries; query++) {
        auto * row = reinterpret_cast<float *>(block.out + query * block.out_stride);
        const float share = 1.0f / sum[query];
        for (int i = 0; i < width; i++) {
            row[i] = outputs[i * QUERIES + query] * share;
        }
    }
}
