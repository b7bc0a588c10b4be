#include "infer/net.h"

#include <float.h>  // FLT_MAX
#include <stdlib.h> // aligned_alloc, free
#include <string.h> // memcpy, memset

#include "infer/net_kernel.h"

#define CHUNK_ROWS 32    // rows that go through all layers together
#define WIDEST_MAX 65536 // floats of a signal

float *lw_net_floats(size_t n) {
  if (n > ((size_t)1 << 28))
    return NULL;
  size_t bytes =
      (n * sizeof(float) + 2 * LW_NET_ALIGN - 1) / LW_NET_ALIGN * LW_NET_ALIGN;
  float *x = aligned_alloc(LW_NET_ALIGN, bytes);
  if (x)
    memset(x, 0, bytes);
  return x;
}

float *lw_net_pack(const float *weights, size_t k, size_t n) {
  int is_turned = n <= LW_NET_DOTS;
  size_t ld = is_turned ? (k + 63) / 64 * 64 : lw_net_padded(n);
  float *out = lw_net_floats(is_turned ? n * ld : k * ld);
  for (size_t i = 0; out && i < k; i++)
    for (size_t j = 0; j < n; j++)
      out[is_turned ? j * ld + i : i * ld + j] = weights[i * n + j];
  return out;
}

// --------------------------------------------------------------- building ---

static double cost_of(const lw_layer *l) {
  double out = (double)l->out_width * l->out_channels;
  if (l->kind == LW_LAYER_dense)
    return out * l->window * l->channels;
  return l->kind == LW_LAYER_max_pool || l->kind == LW_LAYER_mean_pool
             ? out * l->window
             : out;
}

static int check_size(const lw_net *net, const lw_layer *l, lw_err *e) {
  if (net->layer_n == LW_NET_LAYERS_MAX)
    return lw_err_set(e, LW_E_FULL, "more than %d layers; use onnxruntime",
                      LW_NET_LAYERS_MAX);
  double in = ((double)l->width + l->pad_left + l->pad_right) * l->channels;
  double out = (double)l->out_width * l->out_channels;
  if (!(in >= 1 && in <= WIDEST_MAX && out >= 1 && out <= WIDEST_MAX))
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "a signal of %.0f values; 1 to %d are fine here, use "
                      "onnxruntime",
                      in > out ? in : out, WIDEST_MAX);
  if (net->cost + cost_of(l) > LW_NET_COST_MAX)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "more than %.0f multiplications a row; use onnxruntime",
                      LW_NET_COST_MAX);
  return 0;
}

int lw_net_add(lw_net *net, const lw_layer *l, lw_err *e) {
  lw_layer *before = net->layer_n ? &net->layers[net->layer_n - 1] : NULL;
  if (l->kind == LW_LAYER_copy && before && !before->map) {
    before->map = l->map, before->a = l->a, before->b = l->b;
    return 0;
  }
  int rc = check_size(net, l, e);
  if (rc < 0) {
    free(l->weights);
    free(l->bias);
    return rc;
  }
  size_t in = ((size_t)l->width + l->pad_left + l->pad_right) * l->channels;
  size_t out = (size_t)l->out_width * l->out_channels;
  if (net->layer_n == 0)
    net->in_n = l->width * l->channels;
  net->layers[net->layer_n++] = *l;
  net->out_n = (uint32_t)out;
  net->widest = net->widest > in ? net->widest : in;
  net->widest = net->widest > out ? net->widest : out;
  net->cost += cost_of(l);
  return 0;
}

void lw_net_fini(lw_net *net) {
  for (uint32_t i = 0; i < net->layer_n; i++) {
    free(net->layers[i].weights);
    free(net->layers[i].bias);
  }
  *net = (lw_net){0};
}

// ---------------------------------------------------------------- running ---

// Rows of a signal in one buffer; vectors may be written past the last one.
static size_t buffer_n(const lw_net *net) {
  return lw_net_padded(net->widest * CHUNK_ROWS) + 64;
}

size_t lw_net_scratch(const lw_net *net) {
  // Two for the layers to go to and fro, one for a padded signal.
  return 2 * buffer_n(net) + lw_net_padded(net->widest) + 64;
}

// Zeros (or -FLT_MAX for a maximum) around one row's signal.
static const float *padded(const lw_layer *l, const float *x, float fill,
                           float *room) {
  if (!l->pad_left && !l->pad_right)
    return x;
  size_t left = (size_t)l->pad_left * l->channels;
  size_t right = (size_t)l->pad_right * l->channels;
  size_t n = (size_t)l->width * l->channels;
  for (size_t i = 0; i < left; i++)
    room[i] = fill;
  memcpy(room + left, x, n * sizeof *x);
  for (size_t i = 0; i < right; i++)
    room[left + n + i] = fill;
  return room;
}

static void run_dense(const lw_layer *l, lw_net_dense dense, const float *x,
                      size_t rows, float *y, float *room) {
  size_t in_n = (size_t)l->width * l->channels;
  size_t out_n = (size_t)l->out_width * l->out_channels;
  if (l->out_width == 1 && !l->pad_left && !l->pad_right) {
    dense(l, x, in_n, rows, y);
    return;
  }
  for (size_t r = 0; r < rows; r++)
    dense(l, padded(l, x + r * in_n, 0, room), (size_t)l->stride * l->channels,
          l->out_width, y + r * out_n);
}

static void run_scale(const lw_layer *l, const float *x, size_t rows,
                      float *y) {
  size_t places = rows * l->width, n = l->channels;
  for (size_t p = 0; p < places; p++)
    for (size_t c = 0; c < n; c++)
      y[p * n + c] = x[p * n + c] * l->weights[c] + l->bias[c];
}

// The maximum is found first, so that no exp overflows.
static void run_softmax(const lw_layer *l, lw_net_map map, const float *x,
                        size_t rows, float *y) {
  size_t n = l->channels;
  for (size_t p = 0; p < rows * l->width; p++, x += n, y += n) {
    float most = x[0], sum = 0;
    for (size_t c = 1; c < n; c++)
      most = x[c] > most ? x[c] : most;
    for (size_t c = 0; c < n; c++)
      y[c] = x[c] - most; // at most 0, where elu with a = 1 is exp - 1
    for (size_t c = 0; c < n; c++)
      y[c] = y[c] < 0 ? y[c] : -0.0f;
    map(LW_MAP_elu, 1.0f, 0, n, y);
    for (size_t c = 0; c < n; c++)
      sum += y[c] += 1.0f;
    for (size_t c = 0; c < n; c++)
      y[c] /= sum;
  }
}

static float pool_at(const lw_layer *l, const float *x, uint32_t at) {
  int is_max = l->kind == LW_LAYER_max_pool;
  float got = is_max ? -FLT_MAX : 0;
  uint32_t count = 0;
  for (uint32_t k = 0; k < l->window; k++) {
    float v = x[(size_t)(at + k) * l->channels];
    uint32_t place = at + k;
    int is_pad = place < l->pad_left || place >= l->pad_left + l->width;
    count += !is_pad || l->counts_pad;
    got = is_max ? (v <= got ? got : v) : got + v;
  }
  return is_max ? got : got / (float)count;
}

static void run_pool(const lw_layer *l, const float *x, size_t rows, float *y,
                     float *room) {
  float fill = l->kind == LW_LAYER_max_pool ? -FLT_MAX : 0;
  size_t in_n = (size_t)l->width * l->channels;
  for (size_t r = 0; r < rows; r++) {
    const float *from = padded(l, x + r * in_n, fill, room);
    for (uint32_t p = 0; p < l->out_width; p++)
      for (uint32_t c = 0; c < l->channels; c++)
        *y++ = pool_at(l, from + c, p * l->stride);
  }
}

// [a x b] to [b x a] for each row.
static void run_turn(const float *x, size_t rows, size_t a, size_t b,
                     float *y) {
  for (size_t r = 0; r < rows; r++, x += a * b, y += a * b)
    for (size_t i = 0; i < a; i++)
      for (size_t j = 0; j < b; j++)
        y[j * a + i] = x[i * b + j];
}

static void run_layer(const lw_layer *l, int isa, const float *x, size_t rows,
                      float *y, float *room) {
  size_t n = rows * l->width * l->channels;
  switch (l->kind) {
  case LW_LAYER_dense:
    run_dense(l, lw_net_dense_at(isa), x, rows, y, room);
    break;
  case LW_LAYER_scale:
    run_scale(l, x, rows, y);
    break;
  case LW_LAYER_copy:
    memcpy(y, x, n * sizeof *x);
    break;
  case LW_LAYER_softmax:
    run_softmax(l, lw_net_map_at(isa), x, rows, y);
    break;
  case LW_LAYER_max_pool:
  case LW_LAYER_mean_pool:
    run_pool(l, x, rows, y, room);
    break;
  case LW_LAYER_to_rows:
    run_turn(x, rows, l->channels, l->width, y);
    break;
  case LW_LAYER_to_planes:
    run_turn(x, rows, l->width, l->channels, y);
    break;
  }
}

// Layers go to and fro between two buffers; the last writes to y itself.
static void run_chunk(const lw_net *net, int isa, const float *x, size_t rows,
                      float *y, float *scratch) {
  float *to[2] = {scratch, scratch + buffer_n(net)};
  float *room = scratch + 2 * buffer_n(net);
  lw_net_map map = lw_net_map_at(isa);
  for (uint32_t i = 0; i < net->layer_n; i++) {
    const lw_layer *l = &net->layers[i];
    float *out = i + 1 == net->layer_n ? y : to[i % 2];
    run_layer(l, isa, x, rows, out, room);
    // A dense layer has its relu within.
    if (l->map && !(l->kind == LW_LAYER_dense && l->map == LW_MAP_relu))
      map(l->map, l->a, l->b, rows * l->out_width * l->out_channels, out);
    x = out;
  }
}

void lw_net_run(const lw_net *net, int isa, const float *x, size_t rows,
                float *y, float *scratch) {
  for (size_t r = 0; r < rows; r += CHUNK_ROWS) {
    size_t n = rows - r < CHUNK_ROWS ? rows - r : CHUNK_ROWS;
    run_chunk(net, isa, x + r * net->in_n, n, y + r * net->out_n, scratch);
  }
}
