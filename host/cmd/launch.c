#include "cmd/launch.h"

#include <signal.h> // SIGINT
#include <stdio.h>  // sscanf
#include <stdlib.h> // free
#include <string.h> // strcmp, strsignal

#include "base/clock.h"   // LW_S
#include "cmd/cmd.h"      // lw_cmd_self, LW_EXIT_*
#include "cmd/complain.h" // lw_complain
#include "cmd/json.h"     // lw_json
#include "loop/loop.h"    // lw_child_run

#define MESSAGE_MAX ((size_t)64 << 20)
#define LOAD_PATIENCE (30 * LW_S) // a profile may loop

void lw_launch_args(const lw_launch *l, const char *args[LW_LAUNCH_ARGS_MAX]) {
  size_t n = 0;
  args[n++] = "--recipe";
  args[n++] = l->recipe;
  if (l->line) {
    args[n++] = "--line";
    args[n++] = l->line;
  }
  if (l->formula) {
    args[n++] = "--formula";
    args[n++] = l->formula;
  }
  for (size_t i = 0; i < l->sets.n; i++) {
    args[n++] = "--set";
    args[n++] = l->sets.values[i];
  }
  if (l->is_sim)
    args[n++] = "--sim";
  if (l->is_json)
    args[n++] = "--json";
  args[n] = NULL;
}

// ---------------------------------------------------------------- loading ---

static int run_loader(const lw_launch *l, lw_child_end *end) {
  const char *args[LW_LAUNCH_ARGS_MAX];
  const char *argv[LW_LAUNCH_ARGS_MAX + 16] = {"linewright", "--role",
                                               "loader"};
  size_t n = 3;
  lw_launch_args(l, args);
  for (size_t i = 0; args[i]; i++)
    argv[n++] = args[i];
  char run[24];
  snprintf(run, sizeof run, "%lld", (long long)l->run);
  const char *resumed[] = {"--db", l->db, "--bundle", l->bundle, "--run", run};
  for (size_t i = 0; l->db && i < sizeof resumed / sizeof *resumed; i++)
    argv[n++] = resumed[i];
  if (l->is_pinned)
    argv[n++] = "--pinned";
  argv[n++] = "--out-fd";
  argv[n++] = "3";
  lw_child_config c = {.file = lw_cmd_self(), .argv = argv};
  lw_err e;
  int rc = lw_child_run(&c, MESSAGE_MAX, LOAD_PATIENCE, end, &e);
  if (rc == LW_E_TIMEOUT) {
    lw_complain(l->is_json, "E-BUDGET",
                "reading %s and %s does not come to an end (%s)", l->recipe,
                l->line, e.text);
    return LW_EXIT_FAILED;
  }
  if (rc < 0) {
    lw_complain(l->is_json, lw_err_name(e.code), "the loader: %s", e.text);
    return LW_EXIT_REFUSED;
  }
  return LW_EXIT_DONE;
}

static int judge_end(const lw_launch *l, const lw_child_end *end) {
  if (end->signo == SIGINT || end->signo == SIGTERM)
    return LW_EXIT_FAILED;
  if (end->signo) {
    lw_complain(l->is_json, "E-CRASH",
                "the Lua engine crashed while reading %s (%s)", l->recipe,
                strsignal(end->signo));
    return LW_EXIT_FAILED;
  }
  return end->status;
}

int lw_launch_is_pack(const char *recipe) {
  size_t n = strlen(recipe);
  return n > 4 && strcmp(recipe + n - 4, ".lwb") == 0;
}

static void enter_pack(lw_launch *l, const lw_run_info *run) {
  if (!lw_launch_is_pack(l->recipe))
    return;
  const char *names[] = {run->recipe_path, run->line_path, run->formula_path};
  for (int i = 0; i < 3; i++)
    snprintf(l->packed[i], sizeof l->packed[i], "%s", names[i]);
  l->recipe = l->packed[0];
  l->line = l->packed[1];
  l->formula = *l->packed[2] ? l->packed[2] : NULL;
}

int lw_launch_load(lw_launch *l, lw_bundle *b, char **message) {
  lw_child_end end = {0};
  lw_err e;
  int code = run_loader(l, &end);
  if (code == LW_EXIT_DONE)
    code = judge_end(l, &end);
  if (code == LW_EXIT_DONE &&
      lw_bundle_parse(b, end.message ? end.message : "", end.n, &e) < 0) {
    lw_complain_err(l->is_json, &e);
    code = LW_EXIT_FAILED;
  }
  if (code != LW_EXIT_DONE)
    free(end.message);
  else {
    *message = end.message;
    enter_pack(l, &b->run);
  }
  return code;
}

// -------------------------------------------------------------- the record ---

// {"set":["speed=30 m/min"],"sim":true}: an array, since the order of settings
// is the order in which they were given.
int lw_launch_write(const lw_launch *l, char *json, size_t n) {
  lw_json j;
  lw_json_init(&j, json, n);
  lw_json_open(&j, NULL, '{');
  lw_json_open(&j, "set", '[');
  for (size_t i = 0; i < l->sets.n; i++)
    lw_json_text(&j, NULL, l->sets.values[i]);
  lw_json_close(&j, ']');
  lw_json_bool(&j, "sim", l->is_sim);
  lw_json_close(&j, '}');
  return j.is_cut ? LW_E_FULL : 0;
}

static int hex4(const char *s) {
  unsigned value;
  int n = 0;
  return sscanf(s, "%4x%n", &value, &n) == 1 && n == 4 ? (int)value : -1;
}

// Decode the JSON string that begins after its quote, in place; returns what
// follows its end, or NULL. Only what lw_json_text writes is read.
static char *read_text(char *s) {
  char *to = s;
  for (; *s && *s != '"'; s++) {
    if (*s != '\\') {
      *to++ = *s;
      continue;
    }
    s++;
    int code = *s == 'u' ? hex4(s + 1) : (unsigned char)*s;
    if (code <= 0 || code > 0x7f)
      return NULL;
    if (*s == 'u')
      s += 4;
    *to++ = (char)code;
  }
  if (!*s)
    return NULL;
  *to = 0;
  return s + 1;
}

static int eat(char **s, const char *word) {
  size_t n = strlen(word);
  if (strncmp(*s, word, n) != 0)
    return 0;
  *s += n;
  return 1;
}

int lw_launch_read(lw_launch *l, char *json) {
  char *s = json;
  if (!eat(&s, "{\"set\":["))
    return LW_E_CORRUPT;
  while (*s == '"') {
    if (l->sets.n == LW_OPTION_LIST_MAX)
      return LW_E_CORRUPT;
    l->sets.values[l->sets.n++] = s + 1;
    // The closing quote is overwritten by the text's NUL or lies behind it.
    s = read_text(s + 1);
    if (!s)
      return LW_E_CORRUPT;
    if (*s == ',')
      s++;
  }
  if (!eat(&s, "],\"sim\":"))
    return LW_E_CORRUPT;
  l->is_sim = eat(&s, "true}");
  return l->is_sim || eat(&s, "false}") ? 0 : LW_E_CORRUPT;
}
