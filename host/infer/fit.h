// Small models fitted to rows of features: what an engineer trains beside the
// line, in seconds, from a few thousand parts.
//
// Rows are X [n x d], row-major, finite. Weights are w [d + 1], the constant
// last. All functions allocate their own work space and answer LW_E_NOMEM when
// there is none, LW_E_RANGE for rows from which nothing can be learnt.
#ifndef LW_INFER_FIT_H
#define LW_INFER_FIT_H

#include <stddef.h> // size_t

#include "linewright.h" // LW_E_*

#define LW_FIT_PCA_MAX 256 // features of a principal component analysis

// Mean and standard deviation of each feature; a constant one gets sd 1.
void lw_fit_scale(const double *x, size_t n, size_t d, double *mean,
                  double *sd);

// Weighted ridge regression: least sum s (w x - y)^2 + lambda |w|^2, the
// constant not held back. s [n] > 0, or NULL for ones; lambda > 0.
// Source: A. E. Hoerl, R. W. Kennard, Technometrics 12(1), 1970.
int lw_fit_ridge(const double *x, size_t n, size_t d, const double *y,
                 const double *s, double lambda, double *w);

// Weighted logistic regression, y 0 or 1, penalty lambda/2 |w|^2; Newton steps
// by conjugate gradients, so no d x d matrix is built.
// Source: C.-J. Lin, R. C. Weng, S. S. Keerthi, "Trust region Newton method for
// logistic regression", J. Mach. Learn. Res. 9, 2008 (here with a line search).
int lw_fit_logistic(const double *x, size_t n, size_t d, const double *y,
                    const double *s, double lambda, double *w);

// w x + constant of each row to out [n].
void lw_fit_dot(const double *x, size_t n, size_t d, const double *w,
                double *out);

// Mean [d] and the lower Cholesky factor [d x d] of the covariance shrunk to
// its diagonal, (1 - share) S + share diag(S), to model [d + d d].
//   share  in (0, 1]; keeps few rows of many features from dividing by nothing
// Source: O. Ledoit, M. Wolf, J. Multivariate Anal. 88(2), 2004 (their idea;
// the share is given, not estimated).
int lw_fit_shrunk(const double *x, size_t n, size_t d, double share,
                  double *model);
// Squared Mahalanobis distance of each row from such a model to out [n].
int lw_fit_distance(const double *model, const double *x, size_t n, size_t d,
                    double *out);

// Eigenvalues [d], the largest first, then eigenvectors [d x d], one a row, of
// the covariance of X, by Jacobi's rotations; d <= LW_FIT_PCA_MAX.
int lw_fit_pca(const double *x, size_t n, size_t d, double *model);
// Hotelling's T^2 in the first k components and the squared rest Q (SPE) of
// rows that were scaled and centred as X was.
// Source: J. E. Jackson, G. S. Mudholkar, Technometrics 21(3), 1979.
void lw_fit_t2q(const double *model, const double *x, size_t n, size_t d,
                size_t k, double *t2, double *q);

#endif
