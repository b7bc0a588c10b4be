// Tensors that cross between models, images and Lua.
#ifndef LW_BIND_TENSOR_H
#define LW_BIND_TENSOR_H

#include "bind/compat.h"   // lua_State
#include "bind/samples.h"  // lw_samples
#include "infer/backend.h" // lw_tensor

// The tensor at `arg`, or a Lua error; NULL-returning for "is it one?".
lw_tensor *lw_bind_tensor(lua_State *L, int arg);
lw_tensor *lw_bind_tensor_maybe(lua_State *L, int arg);

// Push a tensor of zeros; data is 64-byte aligned and lives as long as the
// userdata. Raises for a shape that is none.
lw_tensor *lw_bind_push_tensor(lua_State *L, int type, const int64_t *dims,
                               int32_t dim_n);

// Numbers into a tensor of the same count. Returns 0, or the 1-based place of
// the first number that the type cannot hold (NaN in whole numbers too).
size_t lw_tensor_from_samples(lw_tensor *t, const lw_samples *s);
// And back, for every type but text, f16 and bf16: LW_E_TYPE.
int lw_tensor_to_samples(const lw_tensor *t, double *out);

// Set up the type and add its functions to the module table on top.
void lw_open_tensor(lua_State *L);

#endif
