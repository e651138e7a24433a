// The speech embedding: convolutions of three taps, across the bands and over time in turn.
//
// A few streams go through together, so that what lies between two layers stays in the cache. Between layers x is
// [2 + steps, 1 + bands + 1, streams, width]: two steps of the past before it, a column on both sides, so that a
// convolution is three products over rows at fixed distances.

#include "vectors.h"

enum { TOGETHER = 8, TAPS = 3, KEPT = TAPS - 1 };

static const float SLOPE = 0.2f, LEAST = -0.4f;

static vec higher(vec a, vec b) { return select_lanes(a > b, a, b); }
static vec bent(vec x) { return higher(higher(x, SLOPE * x), broadcast(LEAST)); }

static void add_and_bend(float *x, int64_t rows, int64_t width, const float *bias, int bend) {
    for (int64_t m = 0; m < rows; m++, x += width)
        for (int64_t i = 0; i < width; i += WIDTH) {
            vec v = load(x + i) + load(bias + i);
            store(x + i, bend ? bent(v) : v);
        }
}

// Zeros on both sides of the bands. A column is of all streams.
static void zero_sides(float *x, int64_t steps, int64_t bands, int64_t column) {
    for (int64_t t = 0; t < steps; t++, x += (bands + 2) * column) {
        __builtin_memset(x, 0, column * sizeof(float));
        __builtin_memset(x + (bands + 1) * column, 0, column * sizeof(float));
    }
}

// The past of each stream becomes the first two steps of x, its last two become the past.
static void recall(
    float *x, float *past, const int64_t *slots, int64_t steps, int64_t bands, int64_t streams, int64_t width) {
    int64_t row = (bands + 2) * streams * width, bytes = width * sizeof(float);
    for (int64_t s = 0; s < streams; s++)
        for (int64_t t = 0; t < KEPT; t++)
            for (int64_t f = 0; f < bands; f++) {
                float *kept = past + ((slots[s] * KEPT + t) * bands + f) * width;
                float *at = x + t * row + ((f + 1) * streams + s) * width;
                __builtin_memcpy(at, kept, bytes);
                __builtin_memcpy(kept, at + steps * row, bytes);
            }
}

static void first_layer(const Embedding *e, const float *x, int64_t steps, int64_t streams, float *y) {
    int64_t row = (e->bands + 2) * streams, width = e->first_width;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t m = 0; m < e->bands * streams; m++)
            for (int64_t i = 0; i < width; i += WIDTH) {
                vec sum = load(e->first_bias + i);
                for (int tap = 0; tap < TAPS * TAPS; tap++)
                    sum += x[(t + tap / TAPS) * row + m + tap % TAPS * streams] * load(e->first + tap * width + i);
                store(y + ((t + KEPT) * row + streams + m) * width + i, bent(sum));
            }
}

static void convolve(
    const TapConv *c, const int64_t *slots, int64_t bands, int64_t streams, int64_t steps, int bend, float *x, float *y) {
    int64_t column = streams * c->wide, row = (bands + 2) * column, to = (bands + 2) * streams * c->width_out;
    if (c->over_time)
        recall(x, c->past, slots, steps, bands, streams, c->wide);
    else
        zero_sides(x + KEPT * row, steps, bands, column);
    int64_t apart = c->over_time ? row : column, in = c->width_in, out = c->width_out;
    x += c->over_time ? column : KEPT * row;
    y += KEPT * to + streams * out;
    for (int64_t t = 0; t < steps; t++, x += row, y += to) {
        for (int tap = 0; tap < TAPS; tap++)
            half_rows(x + tap * apart, c->wide, c->weight + tap * in * out, LANES, LANES * in, in, y, out,
                      bands * streams, out / LANES, tap > 0);
        add_and_bend(y, bands * streams, out, c->bias, bend);
    }
}

static void pool(const float *x, int64_t steps, int64_t bands, int64_t column, int64_t pooled, float *y) {
    int64_t row = (bands + 2) * column, to = (bands / 2 + 2) * column;
    for (int64_t t = 0; t < steps / pooled; t++)
        for (int64_t f = 0; f < bands / 2; f++)
            for (int64_t i = 0; i < column; i += WIDTH) {
                const float *at = x + (KEPT + t * pooled) * row + (1 + 2 * f) * column + i;
                vec top = higher(load(at), load(at + column));
                for (int64_t step = 1; step < pooled; step++)
                    top = higher(top, higher(load(at + step * row), load(at + step * row + column)));
                store(y + (KEPT + t) * to + (1 + f) * column + i, top);
            }
}

// mels [streams, steps, bands] -> y [streams, steps / shrunk, width]; `here` and `there` as large as an activation.
static void embed_together(
    const Embedding *e, int64_t streams, const int64_t *slots, int64_t steps, const float *mels, float *y,
    float *here, float *there) {
    int64_t bands = e->bands;
    zero_sides(there, KEPT + steps, bands, streams);
    for (int64_t s = 0; s < streams; s++)
        for (int64_t t = 0; t < steps; t++)
            for (int64_t f = 0; f < bands; f++)
                there[((t + KEPT) * (bands + 2) + f + 1) * streams + s] = mels[(s * steps + t) * bands + f];
    recall(there, e->past, slots, steps, bands, streams, 1);
    zero_sides(there, KEPT, bands, streams);
    first_layer(e, there, steps, streams, here);
    const TapConv *last = e->layers + e->count - 1;
    for (const TapConv *c = e->layers; c <= last; c++) {
        convolve(c, slots, bands, streams, steps, c != last, here, there);
        if (c->pooled) {
            pool(there, steps, bands, streams * c->width_out, c->pooled, here);
            bands /= 2, steps /= c->pooled;
        } else {
            float *swapped = here;
            here = there, there = swapped;
        }
    }
    int64_t column = streams * last->width_out;
    for (int64_t s = 0; s < streams; s++)
        for (int64_t t = 0; t < steps; t++)
            __builtin_memcpy(y + (s * steps + t) * last->width_out,
                             here + (t + KEPT) * 3 * column + column + s * last->width_out,
                             last->width_out * sizeof(float));
}

// Floats of `scratch` that so many steps need.
int64_t embedding_scratch_floats(const Embedding *e, int64_t steps) {
    return 2 * (KEPT + steps) * (e->bands + 2) * TOGETHER * e->first_width;
}

// mels [streams, steps, bands] of distinct slots -> y [streams, steps / shrunk, width]; the pasts move on.
void speech_embedding(
    const Embedding *e, int64_t streams, const int64_t *slots, int64_t steps, const float *mels, float *y,
    float *scratch) {
    float *there = scratch + embedding_scratch_floats(e, steps) / 2;
    int64_t after = steps / e->shrunk * e->layers[e->count - 1].width_out;
    for (int64_t s = 0; s < streams; s += TOGETHER) {
        int64_t group = streams - s < TOGETHER ? streams - s : TOGETHER;
        embed_together(e, group, slots + s, steps, mels + s * steps * e->bands, y + s * after, scratch, there);
    }
}
