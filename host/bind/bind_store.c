// Lua face of store/store.h. Documented in lua/meta/linewright/store.lua.
#include <stdlib.h> // calloc, free
#include <string.h> // memset

#include "bind/bind_scopes.h"
#include "bind/bind_sql.h"  // lw_bind_store_sql
#include "bind/face.h"      // lw_store_box
#include "bind/modules.h"   // lw_open_store
#include "bind/run_field.h" // lw_run_field_set
#include "loop/clock.h"     // lw_clock_real
#include "store/verify.h"   // lw_store_verify

#define STORE "linewright.store"
#define CURSOR "linewright.store.cursor"

typedef struct face {
  lw_store_box *box;
  lw_run_info run; // what run_set has collected
} face;

static face *check_face(lua_State *L, int arg) {
  face *f = luaL_checkudata(L, arg, STORE);
  if (!f->box)
    luaL_error(L, "store: already closed");
  return f;
}

static lw_store *check_store(lua_State *L) {
  return check_face(L, 1)->box->store;
}

lw_store_box *lw_bind_check_store(lua_State *L, int arg) {
  return check_face(L, arg)->box;
}

static int64_t check_run(lua_State *L, int arg) {
  double id = luaL_checknumber(L, arg);
  luaL_argcheck(L, id >= 0 && id <= 0x1p53, arg, "not a run's number");
  return (int64_t)id;
}

static int result(lua_State *L, int rc, const lw_err *e) {
  if (rc < 0)
    return lw_bind_fail(L, e);
  lua_pushboolean(L, 1);
  return 1;
}

// store.open(path, "r" | "w" [, disk]) -> store | nil, message, code
static int store_open(lua_State *L) {
  static const char *const modes[] = {"r", "w", NULL};
  const char *path = luaL_checkstring(L, 1);
  int mode =
      luaL_checkoption(L, 2, "r", modes) ? LW_STORE_WRITE : LW_STORE_READ;
  lw_disk_box *disk = lw_bind_opt_disk(L, 3);
  lw_err e = {0};
  face *f = lua_newuserdata(L, sizeof *f);
  memset(f, 0, sizeof *f);
  luaL_setmetatable(L, STORE);
  lw_store_box *box = calloc(1, sizeof *box);
  if (!box)
    return lw_bind_fail_code(L, LW_E_NOMEM);
  if (lw_store_open_on(&box->store, disk ? &disk->disk : NULL, path, mode,
                       lw_clock_real(), &e) < 0) {
    free(box);
    return lw_bind_fail(L, &e);
  }
  box->disk = disk;
  if (disk)
    disk->refs++;
  box->refs = 1;
  f->box = box;
  return 1;
}

static int store_gc(lua_State *L) {
  face *f = luaL_checkudata(L, 1, STORE);
  lw_store_box_unref(f->box);
  f->box = NULL;
  return 0;
}

// An engine or a walk that uses the store keeps it open until it ends itself.
static int store_close(lua_State *L) {
  face *f = luaL_checkudata(L, 1, STORE);
  if (f->box && f->box->refs > 1)
    return luaL_error(L, "store: an engine or a walk still uses it");
  return store_gc(L);
}

static int store_run_set(lua_State *L) {
  return lw_run_field_set(L, &check_face(L, 1)->run);
}

// s:run_begin() -> id | nil, message, code
static int store_run_begin(lua_State *L) {
  face *f = check_face(L, 1);
  lw_err e = {0};
  lw_run_info run = f->run;
  f->run = (lw_run_info){0};
  if (lw_store_run_begin(f->box->store, &run, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushnumber(L, (double)run.id);
  return 1;
}

static int store_key(lua_State *L) {
  lw_err e = {0};
  return result(L, lw_store_key(check_store(L), luaL_checkstring(L, 2), &e),
                &e);
}

static int store_run_end(lua_State *L) {
  lw_store *s = check_store(L);
  lw_err e = {0};
  int64_t run = check_run(L, 2);
  return result(L, lw_store_run_end(s, run, luaL_checkstring(L, 3), &e), &e);
}

// s:run_find([batch]) -> id | nil, message, code
static int store_run_find(lua_State *L) {
  lw_store *s = check_store(L);
  lw_run_info run;
  lw_err e = {0};
  if (lw_store_run_find(s, luaL_optstring(L, 2, NULL), &run, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushnumber(L, (double)run.id);
  return 1;
}

// s:run_get(id, field) -> text or number | nil, message, code
static int store_run_get(lua_State *L) {
  lw_store *s = check_store(L);
  lw_run_info run;
  lw_err e = {0};
  if (lw_store_run_get(s, check_run(L, 2), &run, &e) < 0)
    return lw_bind_fail(L, &e);
  return lw_run_field_push(L, &run, 3);
}

// s:bundle_put(hash, role, path, sha, text) -> true | nil, message, code
static int store_bundle_put(lua_State *L) {
  lw_store *s = check_store(L);
  size_t n;
  lw_err e = {0};
  const char *text = luaL_checklstring(L, 6, &n);
  int rc = lw_store_bundle_put(s, luaL_checkstring(L, 2),
                               luaL_checkstring(L, 3), luaL_checkstring(L, 4),
                               luaL_checkstring(L, 5), text, n, &e);
  return result(L, rc, &e);
}

// s:bundle_text(hash, role, path) -> text | nil, message, code
static int store_bundle_text(lua_State *L) {
  lw_store *s = check_store(L);
  const char *hash = luaL_checkstring(L, 2), *role = luaL_checkstring(L, 3);
  const char *path = luaL_checkstring(L, 4);
  char *text = NULL;
  size_t n = 0;
  lw_err e = {0};
  void **block = lw_bind_push_block(L);
  if (lw_store_bundle_get(s, hash, role, path, &text, &n, &e) < 0)
    return lw_bind_fail(L, &e);
  *block = text;
  lua_pushlstring(L, text, n);
  return 1;
}

// s:bundle_file(hash, i) -> role, path, text | nil, message, code past the last
static int store_bundle_file(lua_State *L) {
  lw_store *s = check_store(L);
  const char *hash = luaL_checkstring(L, 2);
  double i = luaL_checknumber(L, 3);
  luaL_argcheck(L, i >= 1 && i < 1e9, 3, "counts from 1");
  lw_store_file file;
  lw_err e = {0};
  void **block = lw_bind_push_block(L);
  if (lw_store_bundle_file(s, hash, (uint32_t)i - 1, &file, &e) < 0)
    return lw_bind_fail(L, &e);
  *block = file.text;
  lua_pushstring(L, file.role);
  lua_pushstring(L, file.path);
  lua_pushlstring(L, file.text, file.n);
  return 3;
}

// s:run_bundle(run) -> hash | nil, message, code
static int store_run_bundle(lua_State *L) {
  lw_store *s = check_store(L);
  char hash[65] = "";
  lw_err e = {0};
  if (lw_store_run_bundle(s, check_run(L, 2), hash, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushstring(L, hash);
  return 1;
}

// --------------------------------------------------------------- records ---

typedef struct walk {
  lw_cursor *cursor; // NULL at the end
  lw_store_box *box;
} walk;

static int walk_close(lua_State *L) {
  walk *w = luaL_checkudata(L, 1, CURSOR);
  lw_cursor_close(w->cursor);
  lw_store_box_unref(w->box);
  *w = (walk){0};
  return 0;
}

static int walk_step(lua_State *L) {
  walk *w = luaL_checkudata(L, lua_upvalueindex(1), CURSOR);
  lw_record r;
  int64_t id;
  lw_err e = {0};
  if (!w->cursor)
    return 0;
  int rc = lw_cursor_step(w->cursor, &id, &r, &e);
  if (rc < 0)
    return luaL_error(L, "store: %s", e.text);
  if (rc == 0) {
    lua_pushcfunction(L, walk_close);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 1, 0);
    return 0;
  }
  lua_pushnumber(L, (double)id);
  lua_pushnumber(L, (double)r.t_ns);
  lua_pushnumber(L, (double)r.wall_ns);
  lua_pushstring(L, lw_record_kind_name(r.kind));
  lua_pushlstring(L, r.key, r.key_n);
  lua_pushlstring(L, r.data, r.data_n);
  lua_pushnumber(L, (double)r.seq);
  return 7;
}

// s:records(run [, after]) -> iterator: id, t_ns, wall_ns, kind, key, data, seq
static int store_records(lua_State *L) {
  face *f = check_face(L, 1);
  int64_t run = check_run(L, 2);
  int64_t after = (int64_t)luaL_optnumber(L, 3, 0);
  lw_err e = {0};
  walk *w = lua_newuserdata(L, sizeof *w);
  *w = (walk){0};
  luaL_setmetatable(L, CURSOR);
  if (lw_cursor_open(&w->cursor, f->box->store, run, after, &e) < 0)
    return luaL_error(L, "store: %s", e.text);
  w->box = f->box;
  w->box->refs++;
  lua_pushcclosure(L, walk_step, 1);
  return 1;
}

// s:path() -> full path of the file, "" in memory
static int store_path(lua_State *L) {
  lua_pushstring(L, lw_store_path(check_store(L)));
  return 1;
}

// The first finding is enough to name: the walk ends there.
static int keep_first(void *arg, int64_t record, const char *text) {
  (void)record; // the text names it
  lw_err_set(arg, LW_E_CORRUPT, "%s", text);
  return 1;
}

// s:verify() -> records | nil, message, code
static int store_verify(lua_State *L) {
  lw_verify_result r;
  lw_err first = {0}, e = {0};
  if (lw_store_verify(check_store(L), keep_first, &first, &r, &e) < 0)
    return lw_bind_fail(L, &e);
  if (first.code)
    return lw_bind_fail(L, &first);
  lua_pushnumber(L, (double)r.records);
  return 1;
}

static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg methods[] = {{"run_set", store_run_set},
                                   {"run_begin", store_run_begin},
                                   {"key", store_key},
                                   {"run_end", store_run_end},
                                   {"run_find", store_run_find},
                                   {"run_get", store_run_get},
                                   {"bundle_put", store_bundle_put},
                                   {"bundle_text", store_bundle_text},
                                   {"bundle_file", store_bundle_file},
                                   {"run_bundle", store_run_bundle},
                                   {"records", store_records},
                                   {"scopes", lw_bind_store_scopes},
                                   {"sql", lw_bind_store_sql},
                                   {"path", store_path},
                                   {"verify", store_verify},
                                   {"close", store_close},
                                   {NULL, NULL}};
static const luaL_Reg functions[] = {{"open", store_open}, {NULL, NULL}};

int lw_open_store(lua_State *L) {
  lw_bind_type(L, CURSOR, no_methods, walk_close);
  lw_bind_scopes_type(L);
  lw_bind_sql_type(L);
  lw_bind_type(L, STORE, methods, store_gc);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
