// XGBoost's JSON model. Source: XGBoost documentation, "Introduction to Model
// IO", and the JSON schema of its models.
#include <math.h>   // log, isfinite
#include <stdlib.h> // malloc, free
#include <string.h> // strcmp

#include "infer/json.h"
#include "infer/tiny.h"

// One tree's arrays while it is read.
typedef struct arrays {
  uint32_t n;
  int32_t *left, *right;
  uint32_t *feature;
  double *limit;
  uint8_t *missing_left;
} arrays;

static void free_arrays(arrays *a) {
  free(a->left);
  free(a->right);
  free(a->feature);
  free(a->limit);
  free(a->missing_left);
}

static int new_arrays(arrays *a, uint32_t n, lw_err *e) {
  *a = (arrays){.n = n,
                .left = calloc(n, sizeof *a->left),
                .right = calloc(n, sizeof *a->right),
                .feature = calloc(n, sizeof *a->feature),
                .limit = calloc(n, sizeof *a->limit),
                .missing_left = calloc(n, 1)};
  if (a->left && a->right && a->feature && a->limit && a->missing_left)
    return 0;
  free_arrays(a);
  return lw_err_set(e, LW_E_NOMEM, "out of memory for a tree");
}

static int refuse(lw_err *e, const char *what) {
  return lw_err_set(e, LW_E_CORRUPT, "the XGBoost file has no sound '%s'",
                    what);
}

// Numbers of an array member, or true and false; exactly n.
static int numbers(const lw_json_doc *d, uint32_t tree, const char *key,
                   uint32_t n, double *out, lw_err *e) {
  uint32_t array = lw_json_get(d, tree, key);
  if (!lw_json_is(d, array, LW_JSON_ARRAY) || d->tokens[array].size != n)
    return refuse(e, key);
  uint32_t i = lw_json_first(array);
  for (uint32_t k = 0; k < n; k++, i = d->tokens[i].next) {
    float x;
    if (lw_json_is_bool(d, i))
      out[k] = lw_json_equals(d, i, "true");
    else if (lw_json_float_of(d, i, &x) < 0)
      return refuse(e, key);
    else
      out[k] = x;
  }
  return 0;
}

// Whole numbers within [lo, hi].
static int whole(const lw_json_doc *d, uint32_t tree, const char *key,
                 double *room, uint32_t n, double lo, double hi, lw_err *e) {
  int rc = numbers(d, tree, key, n, room, e);
  for (uint32_t k = 0; rc == 0 && k < n; k++)
    if (!(room[k] >= lo && room[k] <= hi))
      rc = refuse(e, key);
  return rc;
}

static int fill(const lw_json_doc *d, uint32_t tree, arrays *a, double *room,
                lw_err *e) {
  uint32_t n = a->n;
  int rc = whole(d, tree, "left_children", room, n, -1, n, e);
  for (uint32_t k = 0; rc == 0 && k < n; k++)
    a->left[k] = (int32_t)room[k];
  rc = rc < 0 ? rc : whole(d, tree, "right_children", room, n, -1, n, e);
  for (uint32_t k = 0; rc == 0 && k < n; k++)
    a->right[k] = (int32_t)room[k];
  // A leaf may carry any index; the walker checks those of splits.
  rc = rc < 0 ? rc : whole(d, tree, "split_indices", room, n, 0, 4e9, e);
  for (uint32_t k = 0; rc == 0 && k < n; k++)
    a->feature[k] = (uint32_t)room[k];
  rc = rc < 0 ? rc : whole(d, tree, "default_left", room, n, 0, 1, e);
  for (uint32_t k = 0; rc == 0 && k < n; k++)
    a->missing_left[k] = room[k] != 0;
  return rc < 0 ? rc : numbers(d, tree, "split_conditions", n, a->limit, e);
}

static int has_categories(const lw_json_doc *d, uint32_t tree) {
  uint32_t array = lw_json_get(d, tree, "categories");
  return lw_json_is(d, array, LW_JSON_ARRAY) && d->tokens[array].size > 0;
}

static int read_tree(const lw_json_doc *d, uint32_t tree, uint32_t group,
                     lw_trees *to, lw_err *e) {
  uint32_t left = lw_json_get(d, tree, "left_children");
  if (!lw_json_is(d, left, LW_JSON_ARRAY) || d->tokens[left].size == 0 ||
      d->tokens[left].size > LW_TREE_NODES_MAX)
    return refuse(e, "left_children");
  if (has_categories(d, tree))
    return lw_err_set(
        e, LW_E_UNSUPPORTED,
        "splits by category are not read; encode them as numbers");
  arrays a;
  int rc = new_arrays(&a, d->tokens[left].size, e);
  if (rc < 0)
    return rc;
  double *room = calloc(a.n, sizeof *room);
  rc = room ? fill(d, tree, &a, room, e)
            : lw_err_set(e, LW_E_NOMEM, "out of memory for a tree");
  lw_tree t = {a.n, a.left, a.right, a.feature, a.limit, a.missing_left, group};
  if (rc == 0)
    rc = lw_trees_add(to, &t, e);
  free(room);
  free_arrays(&a);
  return rc;
}

// What the objective does with the sums, and with base_score.
static int read_objective(const lw_json_doc *d, lw_trees_config *c,
                          double base_score, lw_err *e) {
  uint32_t i = lw_json_path(d, 0, "learner.objective.name");
  char name[64];
  lw_json_copy(d, i, name, sizeof name);
  c->after = LW_TREE_IDENTITY, c->slope = 1, c->base = base_score;
  if (!strcmp(name, "binary:logistic") || !strcmp(name, "reg:logistic")) {
    if (!(base_score > 0 && base_score < 1))
      return refuse(e, "base_score");
    c->after = LW_TREE_LOGISTIC;
    c->base = -logf(1.0f / (float)base_score - 1.0f);
  } else if (!strcmp(name, "multi:softprob")) {
    c->after = LW_TREE_SOFTMAX;
  } else if (!strcmp(name, "multi:softmax")) {
    c->after = LW_TREE_ARGMAX;
  } else if (!strcmp(name, "count:poisson") || !strcmp(name, "reg:gamma") ||
             !strcmp(name, "reg:tweedie")) {
    if (!(base_score > 0))
      return refuse(e, "base_score");
    c->after = LW_TREE_EXP;
    c->base = logf((float)base_score);
  } else if (strncmp(name, "reg:", 4) && strcmp(name, "binary:logitraw") &&
             strncmp(name, "rank:", 5)) {
    return lw_err_set(e, LW_E_UNSUPPORTED, "XGBoost objective '%s' is not read",
                      name);
  }
  return 0;
}

// Newer versions write base_score as a list of one: "[5E-1]".
static int read_base(const lw_json_doc *d, double *base) {
  uint32_t i = lw_json_path(d, 0, "learner.learner_model_param.base_score");
  char text[48], *from = text, *stop;
  lw_json_copy(d, i, text, sizeof text);
  from += *from == '[';
  *base = strtof(from, &stop);
  return i && stop != from && isfinite(*base) ? 0 : LW_E_CORRUPT;
}

static int read_config(const lw_json_doc *d, lw_trees_config *c, lw_err *e) {
  double features, classes, targets = 1, base;
  uint32_t p = lw_json_path(d, 0, "learner.learner_model_param");
  if (lw_json_number_of(d, lw_json_get(d, p, "num_feature"), &features) < 0 ||
      !(features >= 1 && features <= LW_TREE_FEATURES_MAX))
    return refuse(e, "num_feature");
  if (lw_json_number_of(d, lw_json_get(d, p, "num_class"), &classes) < 0 ||
      !(classes >= 0 && classes <= LW_TREE_GROUPS_MAX))
    return refuse(e, "num_class");
  uint32_t target = lw_json_get(d, p, "num_target");
  if (target && (lw_json_number_of(d, target, &targets) < 0 ||
                 !(targets >= 0 && targets <= LW_TREE_GROUPS_MAX)))
    return refuse(e, "num_target");
  if (read_base(d, &base) < 0)
    return refuse(e, "base_score");
  c->feature_n = (uint32_t)features;
  c->group_n = (uint32_t)(classes > 1 ? classes : targets > 1 ? targets : 1);
  return read_objective(d, c, base, e);
}

static int read_trees(const lw_json_doc *d, uint32_t model, lw_trees *to,
                      lw_err *e) {
  uint32_t trees = lw_json_get(d, model, "trees");
  uint32_t info = lw_json_get(d, model, "tree_info");
  if (!lw_json_is(d, info, LW_JSON_ARRAY) ||
      d->tokens[info].size != d->tokens[trees].size)
    return refuse(e, "tree_info");
  uint32_t t = lw_json_first(trees), g = lw_json_first(info);
  int rc = 0;
  for (uint32_t k = 0; rc == 0 && k < d->tokens[trees].size; k++) {
    double group;
    if (lw_json_number_of(d, g, &group) < 0 || !(group >= 0 && group < 1e6))
      return refuse(e, "tree_info");
    rc = read_tree(d, t, (uint32_t)group, to, e);
    t = d->tokens[t].next, g = d->tokens[g].next;
  }
  return rc < 0 ? rc : lw_trees_seal(to, e);
}

static int read_doc(lw_tiny_model *m, const lw_json_doc *d, lw_err *e) {
  uint32_t booster = lw_json_path(d, 0, "learner.gradient_booster");
  uint32_t name = lw_json_get(d, booster, "name");
  if (!name || !lw_json_equals(d, name, "gbtree"))
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "only XGBoost's booster 'gbtree' is read");
  uint32_t model = lw_json_get(d, booster, "model");
  uint32_t trees = lw_json_get(d, model, "trees");
  if (!lw_json_is(d, trees, LW_JSON_ARRAY))
    return refuse(e, "trees");
  lw_trees_config c = {.tree_n = d->tokens[trees].size};
  int rc = read_config(d, &c, e);
  if (rc == 0)
    rc = lw_trees_new(&m->trees, &c, e);
  return rc < 0 ? rc : read_trees(d, model, m->trees, e);
}

int lw_tiny_read_xgboost(lw_tiny_model *m, const uint8_t *data, size_t n,
                         lw_err *e) {
  lw_json_doc d;
  int rc = lw_json_doc_init(&d, (const char *)data, n, e);
  if (rc < 0)
    return rc;
  rc = read_doc(m, &d, e);
  lw_json_doc_fini(&d);
  return rc;
}
