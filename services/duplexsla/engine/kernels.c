// One pass of the backbone over a few positions of many sessions: in place, without allocation, on one thread.
//
// Every sum runs in an order that depends on its own row alone, never on who shares the pass: a row of a batch
// equals the same row alone bit by bit, and a position that was drafted equals the one that was not.

#include <stdint.h>
#ifdef __F16C__
#include <immintrin.h>
#endif

enum { LANES = 16, PANEL = 4 * LANES };
typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(64), aligned(4), may_alias));
typedef _Float16 half;
typedef half halves __attribute__((vector_size(32), aligned(2), may_alias));

double fmod(double, double);
double cos(double);
double sin(double);
float sqrtf(float);

typedef struct {
    const float *attention_gain, *mlp_gain;    // [width]
    const half *qkv, *out, *gate_up, *down;    // packed, as `half_product` wants them
    float *keys;                               // [slots, kv_heads, places / 16, head_width, 16]
    float *values;                             // [slots, kv_heads, places, head_width]
} Layer;

typedef struct {
    int64_t width, heads, kv_heads, head_width, ff_width, layers;
    int64_t window, ring, prompt, pinned;      // places: the prompt's, padded to `pinned`, then the ring's
    const float *gain;                         // [width]
    const double *rates;                       // [head_width / 2], radians a position
    const Layer *layer;
} Backbone;

static inline vec load(const float *p) { return *(const vec *)p; }
static inline void store(float *p, vec v) { *(vec *)p = v; }
static inline vec all(float x) { return x - (vec){}; }
static inline vec either(ints which, vec yes, vec no) { return (vec)((which & (ints)yes) | (~which & (ints)no)); }

static inline vec widen(const half *p) {
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

static inline float total(vec v) {
    float sum[LANES];
    store(sum, v);
    for (int step = LANES / 2; step; step /= 2)
        for (int i = 0; i < step; i++) sum[i] += sum[i + step];
    return sum[0];
}

static inline float largest(vec v) {
    float top = v[0];
    for (int i = 1; i < LANES; i++) top = v[i] > top ? v[i] : top;
    return top;
}

// e^x for x <= 88, exact to some units in the last place; below -87 it is 0.
static inline vec exponential(vec x) {
    ints tiny = x < -87.0f;
    x = either(tiny, all(-87.0f), x);
    vec turns = x * 1.44269504f + 12582912.0f;  // a whole number now, in the low bits
    ints power = (ints)turns << 23;
    turns -= 12582912.0f;
    vec r = x - turns * 0.693359375f + turns * 2.12194440e-4f;
    vec y = r * 1.9875691500e-4f + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = y * r * r + r + 1.0f;
    return (vec)(((ints)y + power) & ~tiny);
}

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

ROWS(half, widen, 4)
ROWS(half, widen, 1)
ROWS(float, load, 4)
ROWS(float, load, 1)

// y [rows, N] (+)= x [rows, K] w, w packed as [N / 16, K, 16].
void product(const float *x, int64_t rows, const half *w, int64_t K, int64_t N, float *y, int add) {
    int64_t n = 0;
    for (; n + PANEL <= N; n += PANEL)
        half_rows_4(x, K, w + n * K, LANES, LANES * K, K, y + n, N, rows, add);
    for (; n < N; n += LANES) half_rows_1(x, K, w + n * K, LANES, LANES * K, K, y + n, N, rows, add);
}

// y = x / rms(x) * gain, for vectors of `width`; no gain: 1.
static void norm(const float *x, const float *gain, float eps, int64_t width, float *y) {
    vec squares = {};
    for (int64_t i = 0; i < width; i += LANES) squares += load(x + i) * load(x + i);
    float scale = 1.0f / sqrtf(total(squares) / width + eps);
    for (int64_t i = 0; i < width; i += LANES)
        store(y + i, gain ? load(x + i) * scale * load(gain + i) : load(x + i) * scale);
}

// Pairs (2 i, 2 i + 1) of x turn by the angle whose cosine and signed sine `turn` [2, width] holds.
static void rotate(const float *x, const float *turn, int64_t width, float *y) {
    for (int64_t i = 0; i < width; i += LANES) {
        vec v = load(x + i);
        store(y + i, v * load(turn + i) + __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14) * load(turn + width + i));
    }
}

// Cosines and signed sines, times head_width^-1/4: a query times a key is then scaled by head_width^-1/2.
static void turn_of(const Backbone *b, int64_t position, float *turn) {
    float scale = 1.0f / sqrtf(sqrtf(b->head_width));
    for (int64_t i = 0; i < b->head_width / 2; i++) {
        double angle = fmod(position * b->rates[i], 6.283185307179586);
        float c = (float)cos(angle) * scale, s = (float)sin(angle) * scale;
        turn[2 * i] = turn[2 * i + 1] = c;
        turn[b->head_width + 2 * i] = -s;
        turn[b->head_width + 2 * i + 1] = s;
    }
}

// Splits one row's qkv: queries rotated and not go to q and q_plain [kv_heads][..][group][hw] (`apart` floats
// between kv_heads), rotated keys and values to their place.
static void place(
    const Backbone *b, const Layer *l, const float *qkv, const float *turn, int64_t slot, int64_t count,
    float *q, float *q_plain, int64_t apart) {
    int64_t hw = b->head_width, group = b->heads / b->kv_heads, places = b->pinned + b->ring;
    int64_t at = b->pinned + count % b->ring;
    const float eps = 1.1920929e-07f;
    float plain[hw], turned[hw];
    for (int64_t h = 0; h < b->heads; h++) {
        int64_t to = h / group * apart + h % group * hw;
        norm(qkv + h * hw, 0, eps, hw, q_plain + to);
        rotate(q_plain + to, turn, hw, q + to);
    }
    for (int64_t h = 0; h < b->kv_heads; h++) {
        int64_t row = (slot * b->kv_heads + h) * places * hw;
        norm(qkv + (b->heads + h) * hw, 0, eps, hw, plain);
        rotate(plain, turn, hw, turned);
        float *key = l->keys + row + at / LANES * LANES * hw + at % LANES, *value = l->values + row + at * hw;
        const float *given = qkv + (b->heads + b->kv_heads + h) * hw;
        for (int64_t i = 0; i < hw; i++) key[i * LANES] = turned[i];
        for (int64_t i = 0; i < hw; i += LANES) store(value + i, load(given + i));
    }
}

// Scores to weights, over the prompt and the `window` positions up to the count-th; the others get 0.
static void weigh(const Backbone *b, int64_t count, int64_t places, float *scores) {
    const ints lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    int32_t seen = count + 1 < b->window ? count + 1 : b->window, newest = count % b->ring;
    vec top = all(-3e38f);
    for (int64_t i = 0; i < places; i += LANES) {
        ints at = lane + (int32_t)i, age = newest - (at - (int32_t)b->pinned);
        age += (age < 0) & (int32_t)b->ring;
        ints hidden = i < b->pinned ? at >= (int32_t)b->prompt : age >= seen;
        vec score = either(hidden, all(-3e38f), load(scores + i));
        store(scores + i, score);
        top = either(score > top, score, top);
    }
    float highest = largest(top);
    vec sum = {};
    for (int64_t i = 0; i < places; i += LANES) {
        vec weight = exponential(load(scores + i) - highest);
        store(scores + i, weight);
        sum += weight;
    }
    float share = 1.0f / total(sum);
    for (int64_t i = 0; i < places; i += LANES) store(scores + i, load(scores + i) * share);
}

// Queries [steps, group, hw] of one session and key head attend; out [steps, heads * hw] at this head.
static void attend(
    const Backbone *b, const Layer *l, int64_t slot, int64_t head, int64_t first, int64_t steps, const float *q,
    const float *q_plain, float *scores, float *out) {
    int64_t hw = b->head_width, group = b->heads / b->kv_heads, rows = steps * group;
    int64_t newest = first + steps, used = newest < b->ring ? (newest + LANES - 1) / LANES * LANES : b->ring;
    int64_t full = b->pinned + b->ring, places = b->pinned + used, block = LANES * hw;
    const float *keys = l->keys + (slot * b->kv_heads + head) * full * hw;
    const float *values = l->values + (slot * b->kv_heads + head) * full * hw;
    for (int64_t i = 0; i < b->pinned; i += LANES)
        float_rows_1(q_plain, hw, keys + i * hw, LANES, block, hw, scores + i, full, rows, 0);
    int64_t i = b->pinned;
    for (; i + PANEL <= places; i += PANEL)
        float_rows_4(q, hw, keys + i * hw, LANES, block, hw, scores + i, full, rows, 0);
    for (; i < places; i += LANES) float_rows_1(q, hw, keys + i * hw, LANES, block, hw, scores + i, full, rows, 0);
    for (int64_t m = 0; m < rows; m++) weigh(b, first + m / group, places, scores + m * full);
    for (int64_t step = 0; step < steps; step++) {
        const float *weights = scores + step * group * full;
        float *to = out + (step * b->kv_heads + head) * group * hw;
        int64_t n = 0;
        for (; n + PANEL <= hw; n += PANEL)
            float_rows_4(weights, full, values + n, hw, LANES, places, to + n, hw, group, 0);
        for (; n < hw; n += LANES)
            float_rows_1(weights, full, values + n, hw, LANES, places, to + n, hw, group, 0);
    }
}

static void gate(const float *gate_up, int64_t rows, int64_t ff, float *y) {
    for (int64_t m = 0; m < rows; m++)
        for (int64_t i = 0; i < ff; i += LANES) {
            vec g = load(gate_up + m * 2 * ff + i), up = load(gate_up + m * 2 * ff + ff + i);
            store(y + m * ff + i, g / (1.0f + exponential(-g)) * up);
        }
}

// Floats of `scratch` that a pass over so many positions needs.
int64_t scratch_floats(const Backbone *b, int64_t rows, int64_t most_steps) {
    int64_t qkv = (b->heads + 2 * b->kv_heads) * b->head_width, heads = b->heads * b->head_width;
    int64_t wide = qkv > 2 * b->ff_width ? qkv : 2 * b->ff_width;
    int64_t narrow = heads > b->ff_width ? heads : b->ff_width;
    int64_t scores = most_steps * b->heads / b->kv_heads * (b->pinned + b->ring);
    return rows * (b->width + wide + 2 * heads + narrow + 2 * b->head_width) + scores;
}

// x [rows, width]: inputs become hidden states. Span s is `steps[s]` rows of slot `slots[s]`, at its positions
// counts[s], ...; `positions` are the same, absolute, for the angles. `scratch` as scratch_floats says.
void advance(
    const Backbone *b, int64_t spans, const int64_t *slots, const int64_t *steps, const int64_t *counts,
    const int64_t *positions, float *x, float *scratch) {
    int64_t hw = b->head_width, heads = b->heads * hw, qkv_width = heads + 2 * b->kv_heads * hw;
    int64_t width = b->width, ff = b->ff_width, rows = 0;
    int64_t wide = qkv_width > 2 * ff ? qkv_width : 2 * ff, narrow = heads > ff ? heads : ff;
    for (int64_t s = 0; s < spans; s++) rows += steps[s];
    float *normed = scratch, *broad = normed + rows * width, *q = broad + rows * wide;
    float *q_plain = q + rows * heads, *mixed = q_plain + rows * heads, *turns = mixed + rows * narrow;
    float *scores = turns + rows * 2 * hw;
    int64_t group = heads / b->kv_heads, apart = rows * group;
    for (int64_t s = 0, row = 0; s < spans; s++)
        for (int64_t t = 0; t < steps[s]; t++, row++) turn_of(b, positions[s] + t, turns + row * 2 * hw);
    for (const Layer *l = b->layer; l < b->layer + b->layers; l++) {
        for (int64_t m = 0; m < rows; m++)
            norm(x + m * width, l->attention_gain, 1e-6f, width, normed + m * width);
        product(normed, rows, l->qkv, width, qkv_width, broad, 0);
        for (int64_t s = 0, row = 0; s < spans; row += steps[s++])
            for (int64_t t = 0, m = row; t < steps[s]; t++, m++)
                place(b, l, broad + m * qkv_width, turns + m * 2 * hw, slots[s], counts[s] + t, q + m * group,
                      q_plain + m * group, apart);
        for (int64_t s = 0, row = 0; s < spans; row += steps[s++])
            for (int64_t h = 0; h < b->kv_heads; h++)
                attend(b, l, slots[s], h, counts[s], steps[s], q + h * apart + row * group,
                       q_plain + h * apart + row * group, scores, mixed + row * heads);
        product(mixed, rows, l->out, heads, width, x, 1);
        for (int64_t m = 0; m < rows; m++) norm(x + m * width, l->mlp_gain, 1e-6f, width, normed + m * width);
        product(normed, rows, l->gate_up, width, 2 * ff, broad, 0);
        gate(broad, rows, ff, mixed);
        product(mixed, rows, l->down, ff, width, x, 1);
    }
    for (int64_t m = 0; m < rows; m++) norm(x + m * width, b->gain, 1e-6f, width, x + m * width);
}
