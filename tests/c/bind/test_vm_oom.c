// A VM whose memory runs out at any allocation: every script ends as an error
// or as a success, never as a crash, and nothing leaks (shown by the asan
// build).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bind/vm.h"

// Refuses allocations number `first` to `last`, counted while armed.
typedef struct scarce {
  lua_Alloc next;
  void *next_ud;
  size_t count, first, last;
  int is_armed;
} scarce;

static void *scarce_alloc(void *ud, void *ptr, size_t old_n, size_t new_n) {
  scarce *s = ud;
  if (s->is_armed && new_n > 0 && (!ptr || new_n > old_n)) {
    s->count++;
    if (s->count >= s->first && s->count <= s->last)
      return NULL;
  }
  return s->next(s->next_ud, ptr, old_n, new_n);
}

// What a recipe's worker does, in small: sandbox, patterns, a line in virtual
// time, records in a store.
static const char script[] =
    "local sandbox = require 'linewright.sandbox'\n"
    "local vm = require 'linewright.vm'\n"
    "local plan = require 'linewright.plan'\n"
    "local engine = require 'linewright.engine'\n"
    "local store = require 'linewright.store'\n"
    "local rng = require 'linewright.rng'\n"
    "local env = sandbox.new({}, {})\n"
    "local chunk = assert(sandbox.load([[local t = {} for i = 1, 20 do\n"
    "  t[i] = ('k' .. i):gsub('%d', 'x') end return table.concat(t)]], '@s',"
    " env))\n"
    "assert(vm.resume(coroutine.create(chunk), 1e9))\n"
    "local p = plan.new('line', 'x.lua')\n"
    "p:driver('sim', 'sim') p:signal('a', '1') p:tag('a.b')\n"
    "p:tag_set(1, 'driver', 1) p:tag_set(1, 'signal', 1)\n"
    "p:tag_set(1, 'address', 'a')\n"
    "local s = assert(store.open(':memory:', 'w'))\n"
    "s:run_set('recipe', 'r')\n"
    "local run = assert(s:run_begin())\n"
    "local e = assert(engine.new(p:encode(), 1, 0, s, run))\n"
    "local port, sim = e:port(), e:sim()\n"
    "sim:set(1, rng.new(1):uniform())\n"
    "for i = 1, 20 do e:step(1e9) port:read(1) end\n"
    "port:emit('note', 'k', '{}') e:pump()\n"
    "for _, _, _, kind in s:records(run) do assert(kind == 'note') end\n"
    "e:close() s:close()\n";

// Run the script with allocations first..last refused; returns how many it
// made.
static size_t run_scarce(size_t first, size_t last, int *rc) {
  lw_vm *vm = NULL;
  lw_vm_options o = {.kind = LW_VM_TRUSTED};
  lw_err e = {0};
  assert_int_equal(lw_vm_new(&vm, &o, &e), 0);
  lua_State *L = lw_vm_lua(vm);
  scarce s = {.first = first, .last = last};
  s.next = lua_getallocf(L, &s.next_ud);
  assert_int_equal(luaL_loadbuffer(L, script, sizeof script - 1, "=script"), 0);
  lua_setallocf(L, scarce_alloc, &s);
  s.is_armed = 1;
  *rc = lw_vm_call(vm, 0, 0, &e);
  s.is_armed = 0;
  lua_setallocf(L, s.next, s.next_ud);
  lw_vm_free(vm);
  return s.count;
}

// A prime stride samples other kinds of allocation in each pass.
#define POINTS 150

static void survives_one_refusal(void **state) {
  (void)state;
  if (LW_LUAJIT) {
    print_message("skipped: Debian 12's LuaJIT dies of refused memory\n");
    skip();
  }
  int rc;
  size_t n = run_scarce(SIZE_MAX, 0, &rc);
  assert_int_equal(rc, 0);
  assert_true(n > 1000);
  size_t stride = n / POINTS | 1;
  for (size_t k = 1; k <= n; k += stride) {
    run_scarce(k, k, &rc);
    assert_true(rc == 0 || rc == LW_E_NOMEM || rc == LW_E_SCRIPT);
  }
}

static void survives_refusal_from_a_point_on(void **state) {
  (void)state;
  if (LW_LUAJIT) {
    print_message("skipped: Debian 12's LuaJIT dies of refused memory\n");
    skip();
  }
  int rc;
  size_t n = run_scarce(SIZE_MAX, 0, &rc);
  size_t stride = n / POINTS | 1;
  for (size_t k = 2; k <= n; k += stride) {
    run_scarce(k, SIZE_MAX, &rc);
    assert_true(rc == LW_E_NOMEM || rc == LW_E_SCRIPT);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(survives_one_refusal),
      cmocka_unit_test(survives_refusal_from_a_point_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
