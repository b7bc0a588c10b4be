// Ensembles of decision trees, one sum for each output.
//
// Trees of up to LW_TREE_PADDED_MAX levels are padded to complete ones: the
// children of node i are 2i and 2i + 1, no step branches, and eight trees are
// walked side by side. Deeper ones keep their pointers. Either way leaves are
// added in the order of the trees, so that sums are the trainer's, bit for bit.
#ifndef LW_INFER_TREE_H
#define LW_INFER_TREE_H

#include <stddef.h> // size_t
#include <stdint.h> // uint32_t

#include "base/err.h" // lw_err

#define LW_TREE_PADDED_MAX 10 // levels
#define LW_TREE_FEATURES_MAX 65536
#define LW_TREES_MAX 100000
#define LW_TREE_GROUPS_MAX 256
#define LW_TREE_NODES_MAX (1 << 22) // of one tree, and padded ones of all

// What is done with the sums.
enum {
  LW_TREE_IDENTITY,
  LW_TREE_LOGISTIC, // 1 / (1 + exp(-slope x))
  LW_TREE_EXP,
  LW_TREE_SOFTMAX, // probabilities of the classes
  LW_TREE_ARGMAX   // the number of the likeliest class
};

// A tree as model files write it: node 0 is the root, a leaf has left < 0.
typedef struct lw_tree {
  uint32_t node_n;
  const int32_t *left, *right;
  const uint32_t *feature;
  const double *limit;         // goes left when x < limit; of a leaf its value
  const uint8_t *missing_left; // 1: NaN goes left
  uint32_t group;              // the output it adds to
} lw_tree;

typedef struct lw_trees lw_trees;

typedef struct lw_trees_config {
  uint32_t feature_n, group_n;
  uint32_t tree_n; // most that will be added
  int is_double;   // 1: limits and sums are double (LightGBM), else float
  int after;       // LW_TREE_*
  double slope;    // of LW_TREE_LOGISTIC
  double base;     // what each sum starts with
} lw_trees_config;

// LW_E_RANGE, LW_E_NOMEM.
int lw_trees_new(lw_trees **t, const lw_trees_config *c, lw_err *e);
void lw_trees_free(lw_trees *t); // NULL is fine
// Copy a tree. LW_E_CORRUPT for children that are none, cycles, unknown
// features; LW_E_RANGE when there are too many nodes.
int lw_trees_add(lw_trees *t, const lw_tree *tree, lw_err *e);
// After the last one. LW_E_NOMEM.
int lw_trees_seal(lw_trees *t, lw_err *e);

uint32_t lw_trees_feature_n(const lw_trees *t);
uint32_t lw_trees_out_n(const lw_trees *t); // numbers of a row: groups, or 1
int lw_trees_is_double(const lw_trees *t);
double lw_trees_cost(const lw_trees *t); // comparisons of one row

// Rows of x [rows x feature_n] to y [rows x out_n]; both are float, or double
// when the ensemble is.
void lw_trees_run(const lw_trees *t, const void *x, size_t rows, void *y);

#endif
