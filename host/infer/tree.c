#include "infer/tree.h"

#include <math.h>   // expf, exp, isfinite
#include <stdlib.h> // calloc, free
#include <string.h> // memcpy

#include "base/grow.h" // lw_grow

// A node of a tree that is too deep to be padded; left 0 is a leaf.
typedef struct link {
  double limit; // of a leaf: its value
  uint32_t left, right;
  uint16_t feature, missing_left;
} link;

struct lw_trees {
  lw_trees_config config;
  uint32_t tree_n;
  int depth;        // levels of the deepest tree
  uint32_t *groups; // [tree_n]
  uint32_t *roots;  // [tree_n], into links
  link *links;      // as they were added; dropped when they can be padded
  size_t link_n, link_cap;
  void *nodes;  // padded: [tree_n x 2^depth], the first of each unused
  void *leaves; // padded: [tree_n x 2^depth]
};

#define REAL float
#define SUFFIX _float
#define EXP expf
#include "infer/tree_walk.inc"

#define REAL double
#define SUFFIX _double
#define EXP exp
#include "infer/tree_walk.inc"

int lw_trees_new(lw_trees **out, const lw_trees_config *c, lw_err *e) {
  if (c->feature_n < 1 || c->feature_n > LW_TREE_FEATURES_MAX ||
      c->group_n < 1 || c->group_n > LW_TREE_GROUPS_MAX || c->tree_n < 1 ||
      c->tree_n > LW_TREES_MAX || !isfinite(c->base))
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "%u features, %u outputs, %u trees: 1 to %d, %d, %d are "
                      "fine",
                      c->feature_n, c->group_n, c->tree_n, LW_TREE_FEATURES_MAX,
                      LW_TREE_GROUPS_MAX, LW_TREES_MAX);
  lw_trees *t = calloc(1, sizeof *t);
  if (t) {
    t->config = *c;
    t->groups = calloc(c->tree_n, sizeof *t->groups);
    t->roots = calloc(c->tree_n, sizeof *t->roots);
  }
  if (!t || !t->groups || !t->roots) {
    lw_trees_free(t);
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the trees");
  }
  *out = t;
  return 0;
}

void lw_trees_free(lw_trees *t) {
  if (!t)
    return;
  free(t->groups);
  free(t->roots);
  free(t->links);
  free(t->nodes);
  free(t->leaves);
  free(t);
}

// ----------------------------------------------------------------- adding ---

static int refuse(const lw_trees *t, const char *what, lw_err *e) {
  return lw_err_set(e, LW_E_CORRUPT, "tree %u: %s", t->tree_n, what);
}

static int make_room(lw_trees *t, uint32_t n, lw_err *e) {
  if (n < 1 || t->link_n + n > LW_TREE_NODES_MAX)
    return lw_err_set(e, LW_E_RANGE,
                      "tree %u: %u nodes; 1 to %d in all are "
                      "fine",
                      t->tree_n, n, LW_TREE_NODES_MAX);
  if (lw_grow(&t->links, &t->link_cap, t->link_n + n, sizeof *t->links) < 0)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the trees");
  return 0;
}

static int take_node(lw_trees *t, const lw_tree *tree, uint32_t i, lw_err *e) {
  link *to = &t->links[t->link_n + i];
  *to = (link){.limit = tree->limit[i]};
  if (isnan(tree->limit[i]) || isinf(tree->limit[i]))
    return refuse(t, "a limit or leaf that is not finite", e);
  if (tree->left[i] < 0)
    return 0;
  uint32_t left = (uint32_t)tree->left[i], right = (uint32_t)tree->right[i];
  if (tree->right[i] < 0 || left >= tree->node_n || right >= tree->node_n)
    return refuse(t, "a child that is not there", e);
  if (tree->feature[i] >= t->config.feature_n)
    return refuse(t, "a feature that the model does not have", e);
  if (left == 0 || right == 0)
    return refuse(t, "a node with two parents", e); // the root has none
  to->left = left, to->right = right;
  to->feature = (uint16_t)tree->feature[i];
  to->missing_left = tree->missing_left[i] != 0;
  return 0;
}

// Levels of a tree, by walking it breadth first; a node that is met twice makes
// it no tree. queue [n], is_met [n].
static int walk_levels(const lw_trees *t, const link *nodes, uint32_t n,
                       uint32_t *queue, uint8_t *is_met, lw_err *e) {
  uint32_t head = 0, tail = 1, level_end = 1;
  int depth = 0;
  queue[0] = 0;
  is_met[0] = 1;
  for (; head < tail; head++) {
    if (head == level_end) {
      depth++;
      level_end = tail;
    }
    const link *at = &nodes[queue[head]];
    if (!at->left)
      continue;
    if (at->left >= n || is_met[at->left]++ || is_met[at->right]++)
      return refuse(t, "a node with two parents", e);
    queue[tail++] = at->left;
    queue[tail++] = at->right;
  }
  return depth;
}

static int depth_of(const lw_trees *t, uint32_t n, lw_err *e) {
  uint32_t *queue = calloc(n, sizeof *queue);
  uint8_t *is_met = calloc(n, 1);
  int depth = queue && is_met
                  ? walk_levels(t, t->links + t->link_n, n, queue, is_met, e)
                  : lw_err_set(e, LW_E_NOMEM, "out of memory for a tree");
  free(queue);
  free(is_met);
  return depth;
}

int lw_trees_add(lw_trees *t, const lw_tree *tree, lw_err *e) {
  if (t->tree_n == t->config.tree_n)
    return lw_err_set(e, LW_E_CORRUPT, "more trees than announced");
  if (tree->group >= t->config.group_n)
    return refuse(t, "an output that the model does not have", e);
  int rc = make_room(t, tree->node_n, e);
  for (uint32_t i = 0; rc == 0 && i < tree->node_n; i++)
    rc = take_node(t, tree, i, e);
  if (rc < 0)
    return rc;
  int depth = depth_of(t, tree->node_n, e);
  if (depth < 0)
    return depth;
  t->depth = t->depth > depth ? t->depth : depth;
  t->roots[t->tree_n] = (uint32_t)t->link_n;
  t->groups[t->tree_n++] = tree->group;
  t->link_n += tree->node_n;
  return 0;
}

// ---------------------------------------------------------------- padding ---

static void put_leaf(lw_trees *t, size_t place, double value) {
  if (t->config.is_double)
    ((double *)t->leaves)[place] = value;
  else
    ((float *)t->leaves)[place] = (float)value;
}

static void put_node(lw_trees *t, size_t place, const link *from) {
  if (t->config.is_double)
    ((node_double *)t->nodes)[place] =
        (node_double){from->limit, from->feature, from->missing_left};
  else
    ((node_float *)t->nodes)[place] =
        (node_float){(float)from->limit, from->feature, from->missing_left};
}

// Copy the tree whose node `from` stands at heap place `to`; a leaf above the
// last level is repeated below both its hands.
static void pad(lw_trees *t, size_t tree, const link *nodes, uint32_t from,
                size_t to, int level) {
  size_t size = (size_t)1 << t->depth;
  const link *at = &nodes[from];
  if (level == t->depth) {
    put_leaf(t, tree * size + to - size, at->limit);
    return;
  }
  if (at->left)
    put_node(t, tree * size + to, at);
  uint32_t left = at->left ? at->left : from;
  uint32_t right = at->left ? at->right : from;
  pad(t, tree, nodes, left, 2 * to, level + 1);
  pad(t, tree, nodes, right, 2 * to + 1, level + 1);
}

int lw_trees_seal(lw_trees *t, lw_err *e) {
  size_t size = (size_t)1 << (t->depth <= LW_TREE_PADDED_MAX ? t->depth : 0);
  if (t->depth > LW_TREE_PADDED_MAX || t->tree_n * size > LW_TREE_NODES_MAX)
    return 0; // links it stays
  size_t n = t->tree_n * size;
  int is_double = t->config.is_double;
  t->nodes = calloc(n, is_double ? sizeof(node_double) : sizeof(node_float));
  t->leaves = calloc(n, is_double ? sizeof(double) : sizeof(float));
  if (!t->nodes || !t->leaves)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the trees");
  for (uint32_t i = 0; i < t->tree_n; i++)
    pad(t, i, t->links + t->roots[i], 0, 1, 0);
  free(t->links);
  t->links = NULL;
  return 0;
}

// ---------------------------------------------------------------- running ---

uint32_t lw_trees_feature_n(const lw_trees *t) {
  return t->config.feature_n;
}

uint32_t lw_trees_out_n(const lw_trees *t) {
  return t->config.after == LW_TREE_ARGMAX ? 1 : t->config.group_n;
}

int lw_trees_is_double(const lw_trees *t) {
  return t->config.is_double;
}

double lw_trees_cost(const lw_trees *t) {
  return (double)t->tree_n * t->depth;
}

void lw_trees_run(const lw_trees *t, const void *x, size_t rows, void *y) {
  if (t->config.is_double)
    run_double(t, x, rows, y);
  else
    run_float(t, x, rows, y);
}
