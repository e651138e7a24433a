// One pass of the backbone over a few positions of many sessions: in place, without allocation, on one thread.

#include "vectors.h"

PRODUCTS(float, load)

#ifdef __AVX512F__
#define SWAPPED_PAIRS 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14
static const ints LANE = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#else
#define SWAPPED_PAIRS 1, 0, 3, 2, 5, 4, 7, 6
static const ints LANE = {0, 1, 2, 3, 4, 5, 6, 7};
#endif

// Pairs (2 i, 2 i + 1) of x turn by the angle whose cosine and signed sine `factors` [2, width] holds.
static void rotate(const float *x, const float *factors, int64_t width, float *y) {
    for (int64_t i = 0; i < width; i += WIDTH) {
        vec v = load(x + i);
        vec swapped = __builtin_shufflevector(v, v, SWAPPED_PAIRS);
        store(y + i, v * load(factors + i) + swapped * load(factors + width + i));
    }
}

// Cosines and signed sines, times head_width^-1/4: a query times a key is then scaled by head_width^-1/2.
static void rotary_factors(const Backbone *b, int64_t position, float *factors) {
    float scale = 1.0f / sqrtf(sqrtf(b->head_width));
    for (int64_t i = 0; i < b->head_width / 2; i++) {
        double angle = fmod(position * b->rates[i], 6.283185307179586);
        float c = (float)cos(angle) * scale, s = (float)sin(angle) * scale;
        factors[2 * i] = factors[2 * i + 1] = c;
        factors[b->head_width + 2 * i] = -s;
        factors[b->head_width + 2 * i + 1] = s;
    }
}

// Splits one row's qkv: queries, rotated and plain, go to q and q_plain [kv_heads][..][group][hw] (`apart` floats
// between kv_heads), rotated keys and values to their place.
static void split_qkv(
    const Backbone *b, const Layer *l, const float *qkv, const float *factors, int64_t slot, int64_t count,
    float *q, float *q_plain, int64_t apart) {
    int64_t hw = b->head_width, group = b->heads / b->kv_heads, places = b->pinned + b->ring_length;
    int64_t at = b->pinned + count % b->ring_length;
    const float epsilon = 1.1920929e-07f;  // of float32, as torch's rms_norm has it
    float plain[hw], rotated[hw];
    for (int64_t h = 0; h < b->heads; h++) {
        int64_t to = h / group * apart + h % group * hw;
        rms_norm(qkv + h * hw, 0, epsilon, hw, q_plain + to);
        rotate(q_plain + to, factors, hw, q + to);
    }
    for (int64_t h = 0; h < b->kv_heads; h++) {
        int64_t row = (slot * b->kv_heads + h) * places * hw;
        rms_norm(qkv + (b->heads + h) * hw, 0, epsilon, hw, plain);
        rotate(plain, factors, hw, rotated);
        float *key = l->keys + row + at / LANES * LANES * hw + at % LANES, *value = l->values + row + at * hw;
        const float *given = qkv + (b->heads + b->kv_heads + h) * hw;
        for (int64_t i = 0; i < hw; i++) key[i * LANES] = rotated[i];
        for (int64_t i = 0; i < hw; i += WIDTH) store(value + i, load(given + i));
    }
}

// Scores to weights, over the prompt and the `window` positions up to the count-th; the others get 0.
static void masked_softmax(const Backbone *b, int64_t count, int64_t places, float *scores) {
    int32_t seen = count + 1 < b->window ? count + 1 : b->window, newest = count % b->ring_length;
    vec top = broadcast(-3e38f);
    for (int64_t i = 0; i < places; i += WIDTH) {
        ints at = LANE + (int32_t)i, age = newest - (at - (int32_t)b->pinned);
        age += (age < 0) & (int32_t)b->ring_length;
        ints hidden = i < b->pinned ? at >= (int32_t)b->prompt_length : age >= seen;
        vec score = select_lanes(hidden, broadcast(-3e38f), load(scores + i));
        store(scores + i, score);
        top = select_lanes(score > top, score, top);
    }
    float highest = horizontal_max(top);
    vec sum = {};
    for (int64_t i = 0; i < places; i += WIDTH) {
        vec weight = exponential(load(scores + i) - highest);
        store(scores + i, weight);
        sum += weight;
    }
    float share = 1.0f / horizontal_sum(sum);
    for (int64_t i = 0; i < places; i += WIDTH) store(scores + i, load(scores + i) * share);
}

// Queries [steps, group, hw] of one session and key head attend; out [steps, heads * hw] at this head.
static void attend(
    const Backbone *b, const Layer *l, int64_t slot, int64_t head, int64_t first, int64_t steps, const float *q,
    const float *q_plain, float *scores, float *out) {
    int64_t hw = b->head_width, group = b->heads / b->kv_heads, rows = steps * group;
    int64_t newest = first + steps, whole = (newest + LANES - 1) / LANES * LANES;
    int64_t used = newest < b->ring_length ? whole : b->ring_length;
    int64_t full = b->pinned + b->ring_length, places = b->pinned + used, block = LANES * hw;
    const float *keys = l->keys + (slot * b->kv_heads + head) * full * hw;
    const float *values = l->values + (slot * b->kv_heads + head) * full * hw;
    float_rows(q_plain, hw, keys, LANES, block, hw, scores, full, rows, b->pinned / LANES, 0);
    float_rows(q, hw, keys + b->pinned * hw, LANES, block, hw, scores + b->pinned, full, rows, used / LANES, 0);
    for (int64_t m = 0; m < rows; m++) masked_softmax(b, first + m / group, places, scores + m * full);
    for (int64_t step = 0; step < steps; step++) {
        const float *weights = scores + step * group * full;
        float *to = out + (step * b->kv_heads + head) * group * hw;
        float_rows(weights, full, values, hw, LANES, places, to, hw, group, hw / LANES, 0);
    }
}

static void gated(const float *gate_up, int64_t rows, int64_t ff, float *y) {
    for (int64_t m = 0; m < rows; m++)
        for (int64_t i = 0; i < ff; i += WIDTH) {
            vec g = load(gate_up + m * 2 * ff + i), up = load(gate_up + m * 2 * ff + ff + i);
            store(y + m * ff + i, silu(g) * up);
        }
}

// Floats of `scratch` that a pass over so many positions needs.
int64_t backbone_scratch_floats(const Backbone *b, int64_t rows, int64_t most_steps) {
    int64_t qkv = (b->heads + 2 * b->kv_heads) * b->head_width, heads = b->heads * b->head_width;
    int64_t wide = qkv > 2 * b->ff_width ? qkv : 2 * b->ff_width;
    int64_t narrow = heads > b->ff_width ? heads : b->ff_width;
    int64_t scores = most_steps * b->heads / b->kv_heads * (b->pinned + b->ring_length);
    return rows * (b->width + wide + 2 * heads + narrow + 2 * b->head_width) + scores;
}

// x [rows, width]: inputs become hidden states. Segment s is `steps[s]` rows of slot `slots[s]`, at its positions
// counts[s], ...; `scratch` as backbone_scratch_floats says.
void backbone_pass(
    const Backbone *b, int64_t segments, const int64_t *slots, const int64_t *steps, const int64_t *counts,
    float *x, float *scratch) {
    int64_t hw = b->head_width, heads = b->heads * hw, qkv_width = heads + 2 * b->kv_heads * hw;
    int64_t width = b->width, ff = b->ff_width, rows = 0;
    int64_t wide = qkv_width > 2 * ff ? qkv_width : 2 * ff, narrow = heads > ff ? heads : ff;
    for (int64_t s = 0; s < segments; s++) rows += steps[s];
    float *normed = scratch, *broad = normed + rows * width, *q = broad + rows * wide;
    float *q_plain = q + rows * heads, *mixed = q_plain + rows * heads, *rotary = mixed + rows * narrow;
    float *scores = rotary + rows * 2 * hw;
    int64_t group = heads / b->kv_heads, apart = rows * group;
    for (int64_t s = 0, row = 0; s < segments; s++)
        for (int64_t t = 0; t < steps[s]; t++, row++) rotary_factors(b, counts[s] + t, rotary + row * 2 * hw);
    for (const Layer *l = b->layers; l < b->layers + b->num_layers; l++) {
        for (int64_t m = 0; m < rows; m++)
            rms_norm(x + m * width, l->attention_gain, RMS_EPSILON, width, normed + m * width);
        product(normed, rows, l->qkv, width, qkv_width, broad, 0);
        for (int64_t s = 0, row = 0; s < segments; row += steps[s++])
            for (int64_t t = 0, m = row; t < steps[s]; t++, m++)
                split_qkv(b, l, broad + m * qkv_width, rotary + m * 2 * hw, slots[s], counts[s] + t, q + m * group,
                      q_plain + m * group, apart);
        for (int64_t s = 0, row = 0; s < segments; row += steps[s++])
            for (int64_t h = 0; h < b->kv_heads; h++)
                attend(b, l, slots[s], h, counts[s], steps[s], q + h * apart + row * group,
                       q_plain + h * apart + row * group, scores, mixed + row * heads);
        product(mixed, rows, l->out, heads, width, x, 1);
        for (int64_t m = 0; m < rows; m++) rms_norm(x + m * width, l->mlp_gain, RMS_EPSILON, width, normed + m * width);
        product(normed, rows, l->gate_up, width, 2 * ff, broad, 0);
        gated(broad, rows, ff, mixed);
        product(mixed, rows, l->down, ff, width, x, 1);
    }
    for (int64_t m = 0; m < rows; m++) rms_norm(x + m * width, b->gain, RMS_EPSILON, width, x + m * width);
}

// logits [rows, vocabulary], padded to whole vectors, of hidden [rows, width]; and of each row the first best
// token that its mask allows, one byte per token.
void choose_tokens(
    const float *hidden, int64_t rows, const half *head, int64_t width, int64_t vocabulary, int64_t padded,
    const uint8_t *const *masks, float *logits, int64_t *chosen) {
    product(hidden, rows, head, width, padded, logits, 0);
    for (int64_t m = 0; m < rows; m++) {
        const float *row = logits + m * padded;
        int64_t best = -1;
        for (int64_t token = 0; token < vocabulary; token++)
            if (masks[m][token] && (best < 0 || row[token] > row[best])) best = token;
        chosen[m] = best;
    }
}
