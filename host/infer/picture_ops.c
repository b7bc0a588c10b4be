#include <math.h>   // sqrt, pow
#include <stdlib.h> // malloc, free
#include <string.h> // memcpy

#include "base/err.h" // LW_E_NOMEM
#include "infer/picture.h"

static size_t count_of(const lw_picture *p) {
  return p->height * p->width * p->channels;
}

void lw_picture_region(const lw_picture *p, size_t left, size_t top,
                       lw_picture *out) {
  size_t n = out->width * out->channels;
  for (size_t y = 0; y < out->height; y++)
    memcpy(out->x + y * n, p->x + ((top + y) * p->width + left) * p->channels,
           n * sizeof *out->x);
}

// ----------------------------------------------------------------- resize ---

// `lines` sequences of `n` pixels of `channels` numbers to `m` pixels each.
// Line l begins at l * line_step, its pixel i lies i * step further on.
typedef struct axis {
  size_t lines, n, m, channels, line_step, step, out_line_step, out_step;
} axis;

// Pixel j of the new length from the old ones, by a triangle as wide as a new
// pixel (or as an old one, when the picture grows).
static void shrink_pixel(const axis *a, const float *x, size_t j, float *out) {
  double scale = (double)a->n / (double)a->m;
  double reach = scale > 1 ? scale : 1;
  double centre = ((double)j + 0.5) * scale - 0.5;
  double first = ceil(centre - reach), last = floor(centre + reach);
  size_t from = first > 0 ? (size_t)first : 0;
  size_t to = last < (double)a->n - 1 ? (size_t)last : a->n - 1;
  for (size_t l = 0; l < a->lines; l++)
    for (size_t k = 0; k < a->channels; k++)
      out[l * a->out_line_step + j * a->out_step + k] = 0;
  double total = 0;
  for (size_t i = from; i <= to; i++)
    total += fmax(0, 1 - fabs((double)i - centre) / reach);
  for (size_t i = from; i <= to; i++) {
    double w = fmax(0, 1 - fabs((double)i - centre) / reach) / total;
    for (size_t l = 0; l < a->lines; l++)
      for (size_t k = 0; k < a->channels; k++)
        out[l * a->out_line_step + j * a->out_step + k] +=
            (float)w * x[l * a->line_step + i * a->step + k];
  }
}

int lw_picture_resize(const lw_picture *p, lw_picture *out) {
  size_t c = p->channels;
  float *half = malloc(out->height * p->width * c * sizeof *half);
  if (!half)
    return LW_E_NOMEM;
  axis down = {.lines = 1,
               .n = p->height,
               .m = out->height,
               .channels = p->width * c,
               .step = p->width * c,
               .out_step = p->width * c};
  for (size_t j = 0; j < out->height; j++)
    shrink_pixel(&down, p->x, j, half);
  axis across = {.lines = out->height,
                 .n = p->width,
                 .m = out->width,
                 .channels = c,
                 .line_step = p->width * c,
                 .step = c,
                 .out_line_step = out->width * c,
                 .out_step = c};
  for (size_t j = 0; j < out->width; j++)
    shrink_pixel(&across, half, j, out->x);
  free(half);
  return 0;
}

// ------------------------------------------------------------ point by point

void lw_picture_grey(const lw_picture *p, lw_picture *out) {
  size_t n = p->height * p->width;
  if (p->channels == 1) {
    memcpy(out->x, p->x, n * sizeof *out->x);
    return;
  }
  for (size_t i = 0; i < n; i++)
    out->x[i] = 0.299f * p->x[3 * i] + 0.587f * p->x[3 * i + 1] +
                0.114f * p->x[3 * i + 2];
}

void lw_picture_affine(lw_picture *p, double gain, double bias, double lo,
                       double hi) {
  for (size_t i = 0, n = count_of(p); i < n; i++) {
    float y = (float)gain * p->x[i] + (float)bias;
    y = y < (float)lo ? (float)lo : y;
    p->x[i] = y > (float)hi ? (float)hi : y;
  }
}

void lw_picture_gamma(lw_picture *p, double gamma, double full) {
  for (size_t i = 0, n = count_of(p); i < n; i++)
    p->x[i] = (float)(full * pow(fmax(0, p->x[i]) / full, gamma));
}

void lw_picture_slope(lw_picture *p, double share_x, double share_y) {
  double per_x = p->width > 1 ? 2.0 / (double)(p->width - 1) : 0;
  double per_y = p->height > 1 ? 2.0 / (double)(p->height - 1) : 0;
  float *x = p->x;
  for (size_t i = 0; i < p->height; i++)
    for (size_t j = 0; j < p->width; j++) {
      double light = (1 + share_x * ((double)j * per_x - 1)) *
                     (1 + share_y * ((double)i * per_y - 1));
      for (size_t k = 0; k < p->channels; k++)
        *x++ *= (float)light;
    }
}

static void moments(const lw_picture *p, double *mean, double *sd) {
  size_t n = count_of(p);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++)
    sum += p->x[i];
  *mean = sum / (double)n;
  for (size_t i = 0; i < n; i++)
    squares += (p->x[i] - *mean) * (p->x[i] - *mean);
  *sd = sqrt(squares / (double)n);
}

void lw_picture_normalise(lw_picture *p, double m0, double s0) {
  double mean, sd;
  moments(p, &mean, &sd);
  double gain = sd > 1e-6 ? s0 / sd : 1;
  lw_picture_affine(p, gain, m0 - gain * mean, -INFINITY, INFINITY);
}

// ------------------------------------------------------------- flat field ---

void lw_picture_flat(lw_picture *p, const lw_picture *dark,
                     const lw_picture *flat) {
  size_t n = count_of(p), good = 0;
  double light = 0, sum = 0;
  for (size_t i = 0; i < n; i++)
    if (flat->x[i] > dark->x[i]) {
      light += flat->x[i] - dark->x[i];
      good++;
    }
  light = good ? light / (double)good : 0;
  for (size_t i = 0; i < n; i++)
    if (flat->x[i] > dark->x[i]) {
      p->x[i] =
          (float)((p->x[i] - dark->x[i]) / (flat->x[i] - dark->x[i]) * light);
      sum += p->x[i];
    }
  for (size_t i = 0; i < n; i++)
    if (!(flat->x[i] > dark->x[i]))
      p->x[i] = good ? (float)(sum / (double)good) : 0;
}

// Moving mean of 2 radius + 1 numbers, fewer at the ends, by a running sum.
static void box_line(const float *x, size_t n, size_t step, size_t radius,
                     float *y) {
  double sum = 0;
  size_t held = 0;
  for (size_t i = 0; i < n && i < radius; i++, held++)
    sum += x[i * step];
  for (size_t i = 0; i < n; i++) {
    if (i + radius < n) {
      sum += x[(i + radius) * step];
      held++;
    }
    if (i > radius) {
      sum -= x[(i - radius - 1) * step];
      held--;
    }
    y[i * step] = (float)(sum / (double)held);
  }
}

static void box(const lw_picture *p, const float *x, size_t radius, float *work,
                float *y) {
  size_t c = p->channels, row = p->width * c;
  for (size_t i = 0; i < p->height; i++)
    for (size_t k = 0; k < c; k++)
      box_line(x + i * row + k, p->width, c, radius, work + i * row + k);
  for (size_t j = 0; j < row; j++)
    box_line(work + j, p->height, row, radius, y + j);
}

int lw_picture_level(lw_picture *p, size_t radius, double least) {
  size_t n = count_of(p);
  float *low = malloc(2 * n * sizeof *low), *work = low ? low + n : NULL;
  double sum = 0;
  if (!low)
    return LW_E_NOMEM;
  box(p, p->x, radius, work, low);
  box(p, low, radius, work, low);
  for (size_t i = 0; i < n; i++)
    sum += low[i];
  float mean = (float)(sum / (double)n);
  for (size_t i = 0; i < n; i++)
    p->x[i] *= mean / (low[i] > (float)least ? low[i] : (float)least);
  free(low);
  return 0;
}

// ---------------------------------------------------------- to the model ---

void lw_picture_planes(const lw_picture *p, size_t channels, int is_bgr,
                       const double *mean, const double *scale, float *out) {
  size_t area = p->height * p->width;
  for (size_t k = 0; k < channels; k++) {
    size_t from = is_bgr ? channels - 1 - k : k;
    from = from < p->channels ? from : p->channels - 1;
    for (size_t i = 0; i < area; i++)
      out[k * area + i] =
          (float)((p->x[i * p->channels + from] - mean[k]) * scale[k]);
  }
}

void lw_picture_pool(const double *maps, size_t channels, size_t area,
                     double *out) {
  for (size_t k = 0; k < channels; k++) {
    const double *x = maps + k * area;
    double sum = 0, most = x[0];
    for (size_t i = 0; i < area; i++) {
      sum += x[i];
      most = x[i] > most ? x[i] : most;
    }
    out[k] = sum / (double)area;
    out[channels + k] = most;
  }
}

// Mean of x [height x width] over one cell of the grid.
static double cell_mean(const double *x, size_t width, size_t top,
                        size_t bottom, size_t left, size_t right) {
  double sum = 0;
  for (size_t i = top; i < bottom; i++)
    for (size_t j = left; j < right; j++)
      sum += x[i * width + j];
  return sum / (double)((bottom - top) * (right - left));
}

void lw_picture_cells(const double *maps, size_t channels, size_t height,
                      size_t width, size_t rows, size_t columns, double *out) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      for (size_t k = 0; k < channels; k++)
        *out++ = cell_mean(maps + k * height * width, width, i * height / rows,
                           (i + 1) * height / rows, j * width / columns,
                           (j + 1) * width / columns);
}
