// Streaming networks over frames: the front end's, the codec's, and the code head's.

#include "vectors.h"

float tanhf(float);

static const float LAYER_EPSILON = 1e-5f;  // as torch's layer_norm has it

static void add_bias(float *y, int64_t rows, int64_t width, const float *bias) {
    for (int64_t m = 0; m < rows; m++)
        for (int64_t i = 0; i < width; i += WIDTH)
            store(y + m * width + i, load(y + m * width + i) + load(bias + i));
}

static void copy(float *to, const float *from, int64_t floats) {
    __builtin_memmove(to, from, floats * sizeof(float));
}

// Keeps the newest `kept` of past [kept, width] and x [steps, width].
static void keep_newest(float *past, const float *x, int64_t kept, int64_t steps, int64_t width) {
    int64_t old = kept > steps ? kept - steps : 0;
    copy(past, past + (kept - old) * width, old * width);
    copy(past + old * width, x + (steps - (kept - old)) * width, (kept - old) * width);
}

static vec gelu(vec x) { return x * sigmoid(1.5957691f * (x + 0.044715f * x * x * x)); }

static void layer_norm(float *x, const float *gain, const float *bias, int64_t width) {
    vec sum = {}, squares = {};
    for (int64_t i = 0; i < width; i += WIDTH) sum += load(x + i);
    float mean = horizontal_sum(sum) / width;
    for (int64_t i = 0; i < width; i += WIDTH) {
        vec deviation = load(x + i) - mean;
        squares += deviation * deviation;
    }
    float scale = 1.0f / sqrtf(horizontal_sum(squares) / width + LAYER_EPSILON);
    for (int64_t i = 0; i < width; i += WIDTH)
        store(x + i, (load(x + i) - mean) * scale * load(gain + i) + load(bias + i));
}

static void depthwise(const ConvBlock *b, const float *past, const float *x, int64_t steps, float *y) {
    int64_t width = b->width, left = b->kernel - 1;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t i = 0; i < width; i += WIDTH) {
            vec sum = {};
            for (int64_t k = 0; k < b->kernel; k++) {
                int64_t at = t + k - left;
                const float *row = at < 0 ? past + (at + left) * width : x + at * width;
                sum += load(row + i) * load(b->taps + k * width + i);
            }
            store(y + t * width + i, sum + load(b->shift + i));
        }
}

// x [sessions, steps, width] through blocks of one width. scratch: rows * (width + hidden) floats.
void conv_blocks(
    const ConvBlock *blocks, int64_t count, int64_t sessions, const int64_t *slots, int64_t steps, float *x,
    float *scratch) {
    int64_t width = blocks->width, hidden = blocks->hidden, rows = sessions * steps;
    float *mixed = scratch, *broad = scratch + rows * width;
    for (const ConvBlock *b = blocks; b < blocks + count; b++) {
        for (int64_t s = 0; s < sessions; s++) {
            float *past = b->past + slots[s] * (b->kernel - 1) * width, *own = x + s * steps * width;
            depthwise(b, past, own, steps, mixed + s * steps * width);
            keep_newest(past, own, b->kernel - 1, steps, width);
        }
        for (float *row = mixed; row < mixed + rows * width; row += width)
            if (b->bias)
                layer_norm(row, b->gain, b->bias, width);
            else
                rms_norm(row, b->gain, RMS_EPSILON, width, row);
        product(mixed, rows, b->widen, width, hidden, broad, 0);
        add_bias(broad, rows, hidden, b->widen_bias);
        for (float *at = broad; at < broad + rows * hidden; at += WIDTH)
            store(at, b->gelu ? gelu(load(at)) : silu(load(at)));
        product(broad, rows, b->narrow, hidden, width, mixed, 0);
        add_bias(mixed, rows, width, b->narrow_bias);
        for (int64_t m = 0; m < rows; m++)
            for (int64_t i = 0; i < width; i += WIDTH) {
                vec more = load(mixed + m * width + i) * load(b->scale + i);
                store(x + m * width + i, load(x + m * width + i) + more);
            }
    }
}

// x [sessions, steps, in] -> y [sessions, steps / stride, out]. scratch: what y's rows see of x, unfolded.
void strided_conv(
    const StridedConv *c, int64_t sessions, const int64_t *slots, int64_t steps, const float *x, float *y,
    float *scratch) {
    int64_t left = c->kernel - c->stride, seen = c->kernel * c->width_in, after = steps / c->stride;
    for (int64_t s = 0; s < sessions; s++) {
        float *past = c->past + slots[s] * left * c->width_in;
        const float *own = x + s * steps * c->width_in;
        for (int64_t t = 0; t < after; t++)
            for (int64_t k = 0; k < c->kernel; k++) {
                int64_t at = t * c->stride + k - left;
                copy(scratch + (s * after + t) * seen + k * c->width_in,
                     at < 0 ? past + (at + left) * c->width_in : own + at * c->width_in, c->width_in);
            }
        keep_newest(past, own, left, steps, c->width_in);
    }
    product(scratch, sessions * after, c->weight, seen, c->width_out, y, 0);
    add_bias(y, sessions * after, c->width_out, c->bias);
    for (float *at = y; c->gate && at < y + sessions * after * c->width_out; at += WIDTH) store(at, silu(load(at)));
}

void rms_norm_rows(float *x, int64_t rows, int64_t width, const float *gain) {
    for (int64_t m = 0; m < rows; m++) rms_norm(x + m * width, gain, RMS_EPSILON, width, x + m * width);
}

// y [rows, N] = x [rows, K] w + bias.
void linear(const float *x, int64_t rows, const half *w, const float *bias, int64_t K, int64_t N, float *y) {
    product(x, rows, w, K, N, y, 0);
    add_bias(y, rows, N, bias);
}

static int64_t argmax(const float *logits, int64_t count) {
    int64_t best = 0;
    for (int64_t i = 1; i < count; i++) best = logits[i] > logits[best] ? i : best;
    return best;
}

static void step_state(const CodeHead *h, const float *given, const float *own, float *state) {
    int64_t n = h->hidden;
    for (int64_t i = 0; i < n; i += WIDTH) {
        vec reset = sigmoid(load(given + i) + load(own + i));
        vec update = sigmoid(load(given + n + i) + load(own + n + i));
        vec next = load(given + 2 * n + i) + reset * load(own + 2 * n + i);
        vec new = 2.0f * sigmoid(2.0f * next) - 1.0f;
        store(state + i, (1.0f - update) * new + update * load(state + i));
    }
}

// Greedy codes [rows, steps] of hidden states [rows, width]. scratch: rows * (10 hidden + padded) floats.
void decode_codes(const CodeHead *h, int64_t rows, const float *hidden, float *scratch, int64_t *codes) {
    int64_t n = h->hidden, size = rows * n;
    float *context = scratch, *state = context + size, *x = state + size, *z = x + size;
    float *given = z + size, *own = given + 3 * size, *logits = own + 3 * size;
    linear(hidden, rows, h->context, h->context_bias, h->width, n, context);
    linear(hidden, rows, h->start, h->start_bias, h->width, n, state);
    for (int64_t i = 0; i < size; i++) state[i] = tanhf(state[i]);
    for (int64_t step = 0; step < h->steps; step++) {
        for (int64_t m = 0; m < rows; m++)
            for (int64_t i = 0; i < n; i += WIDTH) {
                vec sum = load(context + m * n + i) + load(h->slot + step * n + i);
                int64_t code = step ? codes[m * h->steps + step - 1] : 0;
                for (int64_t d = 0; step && d < h->digits; d++, code /= 3)
                    sum += load(h->previous + (3 * d + code % 3) * n + i);
                store(x + m * n + i, silu(sum));
            }
        linear(x, rows, h->input_gates, h->gates_bias, n, 3 * n, given);
        product(state, rows, h->state_gates, n, 3 * n, own, 0);
        for (int64_t m = 0; m < rows; m++) step_state(h, given + 3 * m * n, own + 3 * m * n, state + m * n);
        linear(state, rows, h->out, h->out_bias, n, n, z);
        for (int64_t i = 0; i < size; i += WIDTH) store(z + i, silu(load(z + i) + load(context + i)));
        linear(z, rows, h->high, h->high_bias, n, h->padded, logits);
        for (int64_t m = 0; m < rows; m++)
            codes[m * h->steps + step] = argmax(logits + m * h->padded, h->choices);
        linear(z, rows, h->middle, h->middle_bias, n, n, x);
        for (int64_t m = 0; m < rows; m++) {
            const float *high = h->high_embedding + codes[m * h->steps + step] * n;
            for (int64_t i = 0; i < n; i += WIDTH)
                store(x + m * n + i, silu(load(x + m * n + i) + load(high + i)));
        }
        linear(x, rows, h->low, h->low_bias, n, h->padded, logits);
        for (int64_t m = 0; m < rows; m++) {
            int64_t *code = codes + m * h->steps + step;
            *code = *code * h->choices + argmax(logits + m * h->padded, h->choices);
        }
    }
}
