// Vectors of 16 floats, and sums in an order that depends on their own row alone, never on who shares the pass:
// a row of a batch equals the same row alone bit by bit, and what was drafted equals what was not.

#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

#include "structs.h"
#ifdef __F16C__
#include <immintrin.h>
#endif

enum { LANES = 16, PANEL = 4 * LANES };
typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(64), aligned(4), may_alias));
typedef half halves __attribute__((vector_size(32), aligned(2), may_alias));

double fmod(double, double);
double cos(double);
double sin(double);
float sqrtf(float);

static inline vec load(const float *p) { return *(const vec *)p; }
static inline void store(float *p, vec v) { *(vec *)p = v; }
static inline vec broadcast(float x) { return x - (vec){}; }
static inline vec select_lanes(ints which, vec yes, vec no) {
    return (vec)((which & (ints)yes) | (~which & (ints)no));
}

static inline vec load_half(const half *p) {
#if defined(__AVX512F__)
    return (vec)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
#elif defined(__F16C__)
    union { __m256 part[2]; vec whole; } both;
    both.part[0] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
    both.part[1] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1));
    return both.whole;
#else
    return __builtin_convertvector(*(const halves *)p, vec);
#endif
}

static inline float horizontal_sum(vec v) {
    float sum[LANES];
    store(sum, v);
    for (int step = LANES / 2; step; step /= 2)
        for (int i = 0; i < step; i++) sum[i] += sum[i + step];
    return sum[0];
}

static inline float horizontal_max(vec v) {
    float top = v[0];
    for (int i = 1; i < LANES; i++) top = v[i] > top ? v[i] : top;
    return top;
}

// e^x, exact to some units in the last place; 0 below -87, e^88 above 88.
static inline vec exponential(vec x) {
    ints tiny = x < -87.0f;
    x = select_lanes(tiny, broadcast(-87.0f), select_lanes(x > 88.0f, broadcast(88.0f), x));
    vec whole = x * 1.44269504f + 12582912.0f;  // a whole number now, in the low bits
    ints power = (ints)whole << 23;
    whole -= 12582912.0f;
    vec r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    vec y = r * 1.9875691500e-4f + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = y * r * r + r + 1.0f;
    return (vec)(((ints)y + power) & ~tiny);
}

static inline vec sigmoid(vec x) { return 1.0f / (1.0f + exponential(-x)); }
static inline vec silu(vec x) { return x / (1.0f + exponential(-x)); }

// y [M, N * 16] (+)= x [M, K] w. Vector n of row k of w lies at w + n * apart + k * stride.
#define TILE(KIND, WIDEN, M, N)                                                                                \
    static inline __attribute__((always_inline)) void KIND##_tile_##M##_##N(                                   \
        const float *x, int64_t ldx, const KIND *w, int64_t stride, int64_t apart, int64_t K, float *y,        \
        int64_t ldy, int add) {                                                                                \
        vec sum[M][N] = {};                                                                                    \
        for (int64_t k = 0; k < K; k++) {                                                                      \
            vec row[N];                                                                                        \
            for (int n = 0; n < N; n++) row[n] = WIDEN(w + n * apart + k * stride);                            \
            for (int m = 0; m < M; m++)                                                                        \
                for (int n = 0; n < N; n++) sum[m][n] += x[m * ldx + k] * row[n];                              \
        }                                                                                                      \
        for (int m = 0; m < M; m++)                                                                            \
            for (int n = 0; n < N; n++) {                                                                      \
                float *at = y + m * ldy + n * LANES;                                                           \
                store(at, sum[m][n] + (add ? load(at) : (vec){}));                                             \
            }                                                                                                  \
    }

// The same for any number of rows.
#define ROWS(KIND, WIDEN, N)                                                                                   \
    TILE(KIND, WIDEN, 6, N) TILE(KIND, WIDEN, 4, N) TILE(KIND, WIDEN, 2, N) TILE(KIND, WIDEN, 1, N)            \
    static void KIND##_rows_##N(                                                                               \
        const float *x, int64_t ldx, const KIND *w, int64_t stride, int64_t apart, int64_t K, float *y,        \
        int64_t ldy, int64_t rows, int add) {                                                                  \
        int64_t m = 0;                                                                                         \
        for (; m + 6 <= rows; m += 6)                                                                          \
            KIND##_tile_6_##N(x + m * ldx, ldx, w, stride, apart, K, y + m * ldy, ldy, add);                   \
        for (; m + 4 <= rows; m += 4)                                                                          \
            KIND##_tile_4_##N(x + m * ldx, ldx, w, stride, apart, K, y + m * ldy, ldy, add);                   \
        for (; m + 2 <= rows; m += 2)                                                                          \
            KIND##_tile_2_##N(x + m * ldx, ldx, w, stride, apart, K, y + m * ldy, ldy, add);                   \
        for (; m < rows; m++)                                                                                  \
            KIND##_tile_1_##N(x + m * ldx, ldx, w, stride, apart, K, y + m * ldy, ldy, add);                   \
    }

ROWS(half, load_half, 4)
ROWS(half, load_half, 1)

// y [rows, N] (+)= x [rows, K] w, w packed as [N / 16, K, 16].
static void product(const float *x, int64_t rows, const half *w, int64_t K, int64_t N, float *y, int add) {
    int64_t n = 0;
    for (; n + PANEL <= N; n += PANEL)
        half_rows_4(x, K, w + n * K, LANES, LANES * K, K, y + n, N, rows, add);
    for (; n < N; n += LANES) half_rows_1(x, K, w + n * K, LANES, LANES * K, K, y + n, N, rows, add);
}

// y = x / rms(x) * gain, for vectors of `width`; no gain: 1.
static void rms_norm(const float *x, const float *gain, float epsilon, int64_t width, float *y) {
    vec squares = {};
    for (int64_t i = 0; i < width; i += LANES) squares += load(x + i) * load(x + i);
    float scale = 1.0f / sqrtf(horizontal_sum(squares) / width + epsilon);
    for (int64_t i = 0; i < width; i += LANES)
        store(y + i, gain ? load(x + i) * scale * load(gain + i) : load(x + i) * scale);
}

#endif
