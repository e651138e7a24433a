// Vectors as wide as the processor's, and sums in an order that depends on their own row alone, never on who shares
// the pass: a row of a batch equals the same row alone bit by bit, and what was drafted equals what was not.

#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

#include "structs.h"
#ifdef __F16C__
#include <immintrin.h>
#endif

// LANES: how weights and keys are packed, and what all widths are multiples of. WIDTH: floats of one vector.
#ifdef __AVX512F__
enum { LANES = 16, WIDTH = 16 };
#else
enum { LANES = 16, WIDTH = 8 };
#endif
enum { VECTORS = LANES / WIDTH };  // of one pack

typedef float vec __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef half halves __attribute__((vector_size(2 * WIDTH), aligned(2), may_alias));

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
    return (vec)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
#else
    return __builtin_convertvector(*(const halves *)p, vec);
#endif
}

static inline float horizontal_sum(vec v) {
    float sum[WIDTH];
    store(sum, v);
    for (int step = WIDTH / 2; step; step /= 2)
        for (int i = 0; i < step; i++) sum[i] += sum[i + step];
    return sum[0];
}

static inline float horizontal_max(vec v) {
    float top = v[0];
    for (int i = 1; i < WIDTH; i++) top = v[i] > top ? v[i] : top;
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

// y [M, P * LANES] (+)= x [M, K] w. Pack p of row k of w lies at w + p * apart + k * stride.
#define TILE(KIND, WIDEN, M, P)                                                                                \
    static inline __attribute__((always_inline)) void KIND##_tile_##M##_##P(                                   \
        const float *x, int64_t ldx, const KIND *w, int64_t stride, int64_t apart, int64_t K, float *y,        \
        int64_t ldy, int add) {                                                                                \
        vec sum[M][P * VECTORS] = {};                                                                          \
        for (int64_t k = 0; k < K; k++) {                                                                      \
            vec row[P * VECTORS];                                                                              \
            for (int n = 0; n < P * VECTORS; n++)                                                              \
                row[n] = WIDEN(w + n / VECTORS * apart + k * stride + n % VECTORS * WIDTH);                    \
            for (int m = 0; m < M; m++)                                                                        \
                for (int n = 0; n < P * VECTORS; n++) sum[m][n] += x[m * ldx + k] * row[n];                    \
        }                                                                                                      \
        for (int m = 0; m < M; m++)                                                                            \
            for (int n = 0; n < P * VECTORS; n++) {                                                            \
                float *at = y + m * ldy + n * WIDTH;                                                           \
                store(at, sum[m][n] + (add ? load(at) : (vec){}));                                             \
            }                                                                                                  \
    }

// M rows and any number of packs: as many at once as give the processor enough sums to work on.
#define SPAN(KIND, M, P)                                                                                       \
    static void KIND##_span_##M(                                                                               \
        const float *x, int64_t ldx, const KIND *w, int64_t stride, int64_t apart, int64_t K, float *y,        \
        int64_t ldy, int64_t packs, int add) {                                                                 \
        int64_t p = 0;                                                                                         \
        for (; p + P <= packs; p += P)                                                                         \
            KIND##_tile_##M##_##P(x, ldx, w + p * apart, stride, apart, K, y + p * LANES, ldy, add);           \
        for (; p < packs; p++)                                                                                 \
            KIND##_tile_##M##_1(x, ldx, w + p * apart, stride, apart, K, y + p * LANES, ldy, add);             \
    }

// y [rows, packs * LANES] (+)= x [rows, K] w, in tiles whose sums fill the registers: 24 of 32, or 12 of 16.
#define ROWS(KIND, WIDEN, P, P4, P2)                                                                           \
    TILE(KIND, WIDEN, 6, 1) TILE(KIND, WIDEN, 4, 1) TILE(KIND, WIDEN, 2, 1) TILE(KIND, WIDEN, 1, 1)            \
    TILE(KIND, WIDEN, 1, 4) WIDER_TILES(KIND, WIDEN)                                                           \
    SPAN(KIND, 4, P4) SPAN(KIND, 2, P2) SPAN(KIND, 1, 4)                                                       \
    static void KIND##_rows(                                                                                   \
        const float *x, int64_t ldx, const KIND *w, int64_t stride, int64_t apart, int64_t K, float *y,        \
        int64_t ldy, int64_t rows, int64_t packs, int add) {                                                   \
        int64_t p = 0, m = rows / 6 * 6;                                                                       \
        for (; p + P <= packs; p += P)                                                                         \
            for (int64_t i = 0; i < m; i += 6)                                                                 \
                KIND##_tile_6_##P(x + i * ldx, ldx, w + p * apart, stride, apart, K, y + i * ldy + p * LANES,  \
                                  ldy, add);                                                                   \
        for (; p < packs; p++)                                                                                 \
            for (int64_t i = 0; i < m; i += 6)                                                                 \
                KIND##_tile_6_1(x + i * ldx, ldx, w + p * apart, stride, apart, K, y + i * ldy + p * LANES,    \
                                ldy, add);                                                                     \
        for (; m + 4 <= rows; m += 4)                                                                          \
            KIND##_span_4(x + m * ldx, ldx, w, stride, apart, K, y + m * ldy, ldy, packs, add);                \
        for (; m + 2 <= rows; m += 2)                                                                          \
            KIND##_span_2(x + m * ldx, ldx, w, stride, apart, K, y + m * ldy, ldy, packs, add);                \
        for (; m < rows; m++)                                                                                  \
            KIND##_span_1(x + m * ldx, ldx, w, stride, apart, K, y + m * ldy, ldy, packs, add);                \
    }

#ifdef __AVX512F__
#define WIDER_TILES(KIND, WIDEN) TILE(KIND, WIDEN, 6, 4) TILE(KIND, WIDEN, 4, 4) TILE(KIND, WIDEN, 2, 4)
#define PRODUCTS(KIND, WIDEN) ROWS(KIND, WIDEN, 4, 4, 4)
#else
#define WIDER_TILES(KIND, WIDEN) TILE(KIND, WIDEN, 2, 2)
#define PRODUCTS(KIND, WIDEN) ROWS(KIND, WIDEN, 1, 1, 2)
#endif

PRODUCTS(half, load_half)

// y [rows, N] (+)= x [rows, K] w, w packed as [N / LANES, K, LANES].
static void product(const float *x, int64_t rows, const half *w, int64_t K, int64_t N, float *y, int add) {
    half_rows(x, K, w, LANES, LANES * K, K, y, N, rows, N / LANES, add);
}

// y = x / rms(x) * gain, for vectors of `width`; no gain: 1.
static void rms_norm(const float *x, const float *gain, float epsilon, int64_t width, float *y) {
    vec squares = {};
    for (int64_t i = 0; i < width; i += WIDTH) squares += load(x + i) * load(x + i);
    float scale = 1.0f / sqrtf(horizontal_sum(squares) / width + epsilon);
    for (int64_t i = 0; i < width; i += WIDTH)
        store(y + i, gain ? load(x + i) * scale * load(gain + i) : load(x + i) * scale);
}

#endif
