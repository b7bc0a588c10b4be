// Shared by the faces of models: bind_infer*.c only.
#ifndef LW_BIND_MODEL_FACE_H
#define LW_BIND_MODEL_FACE_H

#include "bind/compat.h" // lua_State
#include "infer/infer.h" // lw_infer_model

// A loaded model, counted: calls and runners lean on it, and the collector may
// take them in any order.
typedef struct lw_model_box {
  int refs;
  lw_infer_model model;
} lw_model_box;

lw_model_box *lw_bind_check_model(lua_State *L, int arg);
void lw_model_box_unref(lw_model_box *box); // NULL is fine

// m:caller(flatten), in bind_infer_call.c
int lw_model_caller(lua_State *L);
// m:runner(contexts, queue, batch), in bind_infer_runner.c
int lw_model_runner(lua_State *L);
void lw_open_model_caller(lua_State *L);
void lw_open_model_runner(lua_State *L);

// infer.inputs(...) and infer.kept(...), in bind_inputs.c
int lw_inputs_face(lua_State *L);
int lw_inputs_kept(lua_State *L);
void lw_open_inputs(lua_State *L);

// Push a tensor as samples; raises for what is no number in Lua.
void lw_bind_push_result(lua_State *L, const lw_tensor *t);

#endif
