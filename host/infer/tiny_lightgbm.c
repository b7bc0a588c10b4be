// LightGBM's text model, version v3 and v4. Source: LightGBM documentation and
// the meaning of decision_type in its tree.h: bit 0 category, bit 1 missing
// goes left, bits 2-3 what is missing (0 nothing, 1 zero, 2 NaN).
#include <math.h>   // nextafter, isfinite
#include <stdlib.h> // strtod, calloc
#include <string.h> // memchr, memmem

#include "infer/tiny.h"

typedef struct text {
  const char *at, *end;
} text;

#define LEAVES_MAX (1 << 20)

// The next line without its end; 0 behind the last.
static int next_line(text *t, text *line) {
  if (t->at >= t->end)
    return 0;
  const char *stop = memchr(t->at, '\n', (size_t)(t->end - t->at));
  stop = stop ? stop : t->end;
  *line = (text){t->at, stop};
  if (line->end > line->at && line->end[-1] == '\r')
    line->end--;
  t->at = stop + 1;
  return 1;
}

// The value of a `key=value` line.
static int value_of(text line, const char *key, text *value) {
  size_t n = strlen(key);
  if ((size_t)(line.end - line.at) <= n || memcmp(line.at, key, n) ||
      line.at[n] != '=')
    return 0;
  *value = (text){line.at + n + 1, line.end};
  return 1;
}

// Numbers apart by spaces into out [max]. Returns how many, or -1.
static long numbers(text value, double *out, long max) {
  char word[64];
  long n = 0;
  while (value.at < value.end) {
    size_t length = 0;
    while (value.at + length < value.end && value.at[length] != ' ')
      length++;
    if (length >= sizeof word || n == max)
      return -1;
    memcpy(word, value.at, length);
    word[length] = '\0';
    value.at += length + 1;
    if (!length)
      continue;
    char *stop;
    out[n++] = strtod(word, &stop);
    if (*stop || stop == word)
      return -1;
  }
  return n;
}

static int refuse(lw_err *e, const char *what) {
  return lw_err_set(e, LW_E_CORRUPT, "the LightGBM file has no sound '%s'",
                    what);
}

static int one(text value, const char *key, double lo, double hi, double *out,
               lw_err *e) {
  return numbers(value, out, 1) == 1 && *out >= lo && *out <= hi
             ? 0
             : refuse(e, key);
}

// ------------------------------------------------------------------ trees ---

// X(field, key): the lists of one tree.
#define LISTS(X)                                                               \
  X(feature, "split_feature")                                                  \
  X(limit, "threshold")                                                        \
  X(decision, "decision_type")                                                 \
  X(left, "left_child") X(right, "right_child") X(leaf, "leaf_value")

typedef struct lists {
  double leaf_n;
#define FIELD(field, key) double *field;
  LISTS(FIELD)
#undef FIELD
#define COUNT(field, key) long field##_list_n;
  LISTS(COUNT)
#undef COUNT
} lists;

static void free_lists(lists *l) {
#define FREE(field, key) free(l->field);
  LISTS(FREE)
#undef FREE
  *l = (lists){0};
}

static int take_list(text value, long max, double **out, long *n,
                     const char *key, lw_err *e) {
  free(*out);
  *out = calloc((size_t)max + 1, sizeof **out);
  if (!*out)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a tree");
  *n = numbers(value, *out, max);
  return *n < 0 ? refuse(e, key) : 0;
}

static int take_line(lists *l, text line, lw_err *e) {
  text value;
  long max = (long)l->leaf_n;
  if (value_of(line, "num_leaves", &value))
    return one(value, "num_leaves", 1, LEAVES_MAX, &l->leaf_n, e);
  if (value_of(line, "num_cat", &value)) {
    double n;
    int rc = one(value, "num_cat", 0, 1e6, &n, e);
    return rc < 0 || n == 0
               ? rc
               : lw_err_set(e, LW_E_UNSUPPORTED,
                            "splits by category are not read; encode them as "
                            "numbers");
  }
  if (value_of(line, "is_linear", &value) && *value.at == '1')
    return lw_err_set(e, LW_E_UNSUPPORTED, "linear leaves are not read");
#define TAKE(field, key)                                                       \
  if (value_of(line, key, &value))                                             \
    return take_list(value, max, &l->field, &l->field##_list_n, key, e);
  LISTS(TAKE)
#undef TAKE
  return 0;
}

// LightGBM numbers inner nodes from 0 and writes leaf i as -(i + 1); ours are
// inner nodes first, leaves behind them.
static int32_t place_of(double child, long inner_n) {
  return (int32_t)(child >= 0 ? child : (double)inner_n - child - 1);
}

static int split_of(const lists *l, long i, double *limit, uint8_t *missing,
                    lw_err *e) {
  int type = (int)l->decision[i];
  if (type & 1)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "splits by category are not read; encode them as "
                      "numbers");
  int kind = type >> 2 & 3;
  if (kind == 1)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "zero_as_missing is not read; train with NaN");
  // x <= t is x < t's upper neighbour; without a missing kind NaN counts as 0.
  *limit = nextafter(l->limit[i], INFINITY);
  *missing = kind == 2 ? type >> 1 & 1 : 0 <= l->limit[i];
  return 0;
}

typedef struct arrays {
  int32_t *left, *right;
  uint32_t *feature;
  double *limit;
  uint8_t *missing_left;
} arrays;

static int fill(const lists *l, const arrays *a, lw_err *e) {
  long leaf_n = (long)l->leaf_n, inner_n = leaf_n - 1;
  for (long i = 0; i < inner_n; i++) {
    int rc = split_of(l, i, &a->limit[i], &a->missing_left[i], e);
    if (rc < 0)
      return rc;
    if (!(l->left[i] >= -leaf_n && l->left[i] < inner_n &&
          l->right[i] >= -leaf_n && l->right[i] < inner_n))
      return refuse(e, "left_child");
    if (!(l->feature[i] >= 0 && l->feature[i] < LW_TREE_FEATURES_MAX))
      return refuse(e, "split_feature");
    a->left[i] = place_of(l->left[i], inner_n);
    a->right[i] = place_of(l->right[i], inner_n);
    a->feature[i] = (uint32_t)l->feature[i];
  }
  for (long i = 0; i < leaf_n; i++) {
    a->left[inner_n + i] = a->right[inner_n + i] = -1;
    a->limit[inner_n + i] = l->leaf[i];
  }
  return 0;
}

// Every list has one entry for each split or leaf.
static int check_lists(const lists *l, lw_err *e) {
  long inner_n = (long)l->leaf_n - 1;
  if (l->leaf_n < 1)
    return refuse(e, "num_leaves");
  if (!l->leaf || l->leaf_list_n != inner_n + 1)
    return refuse(e, "leaf_value");
  if (inner_n > 0 && (!l->feature || l->feature_list_n != inner_n))
    return refuse(e, "split_feature");
  if (inner_n > 0 && (!l->limit || l->limit_list_n != inner_n))
    return refuse(e, "threshold");
  if (inner_n > 0 && (!l->decision || l->decision_list_n != inner_n))
    return refuse(e, "decision_type");
  if (inner_n > 0 && (!l->left || l->left_list_n != inner_n || !l->right ||
                      l->right_list_n != inner_n))
    return refuse(e, "left_child");
  return 0;
}

static int add_tree(lists *l, uint32_t group, lw_trees *to, lw_err *e) {
  long leaf_n = (long)l->leaf_n, inner_n = leaf_n - 1;
  size_t n = (size_t)(leaf_n + inner_n);
  if (check_lists(l, e) < 0)
    return LW_E_CORRUPT;
  arrays a = {calloc(n, sizeof *a.left), calloc(n, sizeof *a.right),
              calloc(n, sizeof *a.feature), calloc(n, sizeof *a.limit),
              calloc(n, 1)};
  int rc = a.left && a.right && a.feature && a.limit && a.missing_left
               ? fill(l, &a, e)
               : lw_err_set(e, LW_E_NOMEM, "out of memory for a tree");
  lw_tree t = {(uint32_t)n, a.left,         a.right, a.feature,
               a.limit,     a.missing_left, group};
  if (rc == 0)
    rc = lw_trees_add(to, &t, e);
  free(a.left);
  free(a.right);
  free(a.feature);
  free(a.limit);
  free(a.missing_left);
  return rc;
}

// ------------------------------------------------------------------- file ---

static int is_word(text t, const char *word) {
  size_t n = strlen(word);
  return (size_t)(t.end - t.at) >= n && !memcmp(t.at, word, n) &&
         (t.at + n == t.end || t.at[n] == ' ');
}

// "binary sigmoid:1" and its like.
static int read_objective(text value, lw_trees_config *c, lw_err *e) {
  const char *colon = memchr(value.at, ':', (size_t)(value.end - value.at));
  c->after = LW_TREE_IDENTITY, c->slope = 1;
  if (memmem(value.at, (size_t)(value.end - value.at), "sqrt", 4))
    return lw_err_set(e, LW_E_UNSUPPORTED, "reg_sqrt is not read");
  if (is_word(value, "binary") || is_word(value, "cross_entropy")) {
    text number = {colon ? colon + 1 : value.end, value.end};
    c->after = LW_TREE_LOGISTIC;
    return colon ? one(number, "objective", 1e-9, 1e9, &c->slope, e) : 0;
  }
  if (is_word(value, "multiclass"))
    c->after = LW_TREE_SOFTMAX;
  else if (is_word(value, "poisson") || is_word(value, "gamma") ||
           is_word(value, "tweedie"))
    c->after = LW_TREE_EXP;
  else if (!is_word(value, "regression") && !is_word(value, "regression_l1") &&
           !is_word(value, "huber") && !is_word(value, "fair") &&
           !is_word(value, "quantile") && !is_word(value, "mape") &&
           !is_word(value, "lambdarank"))
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "LightGBM objective '%.*s' is not read",
                      (int)(value.end - value.at), value.at);
  return 0;
}

// What stands before the first tree.
static int read_head(text *t, lw_trees_config *c, lw_err *e) {
  text line, value;
  double classes = 1, features = -1;
  int rc = 0, is_averaged = 0;
  while (rc == 0 && next_line(t, &line)) {
    if (value_of(line, "Tree", &value)) {
      t->at = line.at; // to be read again
      break;
    }
    if (value_of(line, "num_tree_per_iteration", &value))
      rc = one(value, "num_tree_per_iteration", 1, LW_TREE_GROUPS_MAX, &classes,
               e);
    else if (value_of(line, "max_feature_idx", &value))
      rc = one(value, "max_feature_idx", 0, LW_TREE_FEATURES_MAX - 1, &features,
               e);
    else if (value_of(line, "objective", &value))
      rc = read_objective(value, c, e);
    is_averaged |= is_word(line, "average_output");
  }
  if (rc == 0 && is_averaged)
    rc = lw_err_set(e, LW_E_UNSUPPORTED, "random forests are not read");
  if (rc == 0 && features < 0)
    rc = refuse(e, "max_feature_idx");
  if (rc < 0)
    return rc;
  c->feature_n = (uint32_t)features + 1;
  c->group_n = (uint32_t)classes;
  return 0;
}

static uint32_t count_trees(text t) {
  text line, value;
  uint32_t n = 0;
  while (next_line(&t, &line))
    n += value_of(line, "Tree", &value) != 0;
  return n;
}

static int read_trees(text t, uint32_t group_n, lw_trees *to, lw_err *e) {
  text line, value;
  lists l = {0};
  uint32_t n = 0;
  int rc = 0, is_open = 0, is_whole = 0;
  while (rc == 0 && !is_whole && next_line(&t, &line)) {
    is_whole = is_word(line, "end of trees");
    if (value_of(line, "Tree", &value) || is_whole) {
      if (is_open)
        rc = add_tree(&l, n++ % group_n, to, e);
      free_lists(&l);
      is_open = 1;
    } else {
      rc = take_line(&l, line, e);
    }
  }
  free_lists(&l);
  if (rc == 0 && !is_whole)
    rc = lw_err_set(e, LW_E_CORRUPT, "the LightGBM file is cut off");
  return rc < 0 ? rc : lw_trees_seal(to, e);
}

int lw_tiny_read_lightgbm(lw_tiny_model *m, const uint8_t *data, size_t n,
                          lw_err *e) {
  text t = {(const char *)data, (const char *)data + n};
  lw_trees_config c = {.is_double = 1};
  int rc = read_head(&t, &c, e);
  if (rc < 0)
    return rc;
  c.tree_n = count_trees(t);
  rc = lw_trees_new(&m->trees, &c, e);
  return rc < 0 ? rc : read_trees(t, c.group_n, m->trees, e);
}
