// What the kernels are given, in one declaration for both sides: library.py reads the names and their order here.
// Every member is an int64_t or a pointer. Weights are packed as [out / 16, in, 16], see `packed` in library.py.

#ifndef STRUCTS_H
#define STRUCTS_H

#include <stdint.h>

typedef _Float16 half;

typedef struct {
    const float *attention_gain, *mlp_gain;    // [width]
    const half *qkv, *out, *gate_up, *down;    // packed
    float *keys;                               // [slots, kv_heads, places / 16, head_width, 16]
    float *values;                             // [slots, kv_heads, places, head_width]
} Layer;

// A slot's places: the prompt's, padded to `pinned`, then the ring's.
typedef struct {
    int64_t width, heads, kv_heads, head_width, ff_width, num_layers;
    int64_t window, ring_length, prompt_length, pinned;
    const Layer *layers;
    const float *gain;                         // [width]
    const double *rates;                       // [head_width / 2], radians a position
} Backbone;

// A residual block: a causal depthwise convolution, a norm, two layers. Norm: of variance where `bias` is given,
// else of the root mean square. Gate: GELU (tanh) where `gelu` is set, else SiLU.
typedef struct {
    int64_t width, hidden, kernel, gelu;
    const float *taps, *shift;                 // [kernel, width], [width]
    const float *gain, *bias;                  // [width]
    const half *widen, *narrow;                // packed
    const float *widen_bias, *narrow_bias, *scale;
    float *past;                               // [slots, kernel - 1, width]
} ConvBlock;

// A strided causal convolution: y = x unfolded times weight, plus bias; SiLU where `gate` is set.
typedef struct {
    int64_t width_in, width_out, kernel, stride, gate;
    const half *weight;                        // packed, of [kernel * width_in, width_out]
    const float *bias;
    float *past;                               // [slots, kernel - stride, width_in]
} StridedConv;

// A layer of the speech embedding: a convolution of three taps over time, or across the bands; then the highest of
// `pooled` steps and of two bands, where `pooled` is not 0.
typedef struct {
    int64_t over_time, width_in, wide, width_out, pooled;  // `wide`: width_in in whole vectors
    const half *weight;                        // of each tap, packed
    const float *bias;
    float *past;                               // over time: [slots, 2, bands, wide]
} TapConv;

// The speech embedding (see model/speech_embedding.py); `first` sees three steps of three bands.
typedef struct {
    int64_t bands, first_width, count, shrunk;  // `shrunk`: steps that become one
    const float *first, *first_bias;           // [9, first_width]
    float *past;                               // [slots, 2, bands]
    const TapConv *layers;
} Embedding;

// The code head (see model/code_head.py): each half of a code padded to whole vectors.
typedef struct {
    int64_t width, hidden, choices, padded, steps, digits;
    const half *start, *context, *out, *input_gates, *state_gates, *high, *low, *middle;
    const float *start_bias, *context_bias, *out_bias, *gates_bias, *high_bias, *low_bias, *middle_bias;
    const float *slot, *previous, *high_embedding;  // [steps, hidden], [3 * digits, hidden], [choices, hidden]
} CodeHead;

#endif
