#include <stdio.h>  // printf
#include <stdlib.h> // free, malloc
#include <string.h> // strspn

#include "base/err.h" // lw_err_name
#include "cmd/cmd.h"
#include "cmd/json.h"   // lw_json
#include "cmd/launch.h" // lw_launch_is_pack
#include "cmd/options.h"
#include "loop/clock.h"   // lw_clock_real
#include "store/verify.h" // lw_store_verify

// A file that was rewritten has as many findings as records; more than this
// many tell a person nothing new.
#define FINDINGS_MAX 200
#define JSON_MAX (64 + FINDINGS_MAX * 256)

const char lw_cmd_verify_help[] =
    "usage: linewright verify FILE.lwb [--key PUBLIC] [--json]\n"
    "       linewright verify [--db FILE] [--key HEX] [--json]\n"
    "\n"
    "Check the audit chain of a database: every record that was changed,\n"
    "removed, inserted or moved, run headers, bundle texts, and the "
    "signatures\n"
    "at each run's end. Needs the file only, and may run beside a host.\n"
    "\n"
    "  --db FILE  database of the records, default linewright.db\n"
    "  --key HEX  public key that every seal must be signed by; the host "
    "tells\n"
    "             its own with `linewright key`\n"
    "  --json     the same as JSON\n"
    "\n"
    "exit code: 0 whole, 1 findings, 2 usage, 3 the file cannot be read\n"
    "\n"
    "example:\n"
    "  linewright verify --db linewright.db\n";

typedef struct listing {
  lw_json *json; // NULL: plain text
  int n;
} listing;

static int list(void *arg, int64_t record, const char *text) {
  listing *l = arg;
  if (l->n == FINDINGS_MAX)
    return 0; // counted, no longer listed
  l->n++;
  if (!l->json) {
    printf("FAIL %s\n", text);
    return 0;
  }
  lw_json_open(l->json, NULL, '{');
  if (record)
    lw_json_number(l->json, "record", (double)record);
  lw_json_text(l->json, "text", text);
  lw_json_close(l->json, '}');
  return 0;
}

static void print_count(int64_t n, const char *what, const char *then) {
  printf(" %lld %s%s%s", (long long)n, what, n == 1 ? "" : "s", then);
}

static void print_text(const char *db, const lw_verify_result *r, int listed) {
  if (r->findings > listed)
    printf("FAIL and %lld more\n", (long long)r->findings - listed);
  printf("%s: %s", db, r->findings ? "damaged or tampered with;" : "whole;");
  print_count(r->records, "record", ",");
  print_count(r->runs, "run", ",");
  print_count(r->files, "bundle text", ",");
  print_count(r->seals, "seal", "");
  if (r->signed_n)
    printf(" (%lld signed, newest by key %.16s)", (long long)r->signed_n,
           r->key);
  putchar('\n');
}

static void print_json(lw_json *j, const lw_verify_result *r) {
  const struct {
    const char *name;
    int64_t value;
  } counts[] = {{"finding_count", r->findings},
                {"records", r->records},
                {"runs", r->runs},
                {"bundle_texts", r->files},
                {"seals", r->seals},
                {"signed", r->signed_n}};
  lw_json_close(j, ']');
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    lw_json_number(j, counts[i].name, (double)counts[i].value);
  lw_json_text(j, "key", r->key);
  lw_json_close(j, '}');
  printf("%s\n", j->text);
}

static int refuse(lw_store *s, const lw_err *e) {
  lw_store_close(s);
  fprintf(stderr, "%s %s\n", lw_err_name(e->code), e->text);
  return LW_EXIT_REFUSED;
}

// Whoever can write the file can sign it with a key of his own.
static void check_key(const char *key, listing *l, lw_verify_result *r) {
  char text[160];
  if (r->seals > r->signed_n)
    snprintf(text, sizeof text, "%lld seals are not signed",
             (long long)(r->seals - r->signed_n));
  else if (r->signed_n && (r->key_changes || strcmp(r->key, key) != 0))
    snprintf(text, sizeof text, "a seal is signed by another key, %.64s",
             r->key);
  else
    return;
  r->findings++;
  list(l, 0, text);
}

static int verify(const char *db, const char *key, lw_json *j) {
  lw_store *s = NULL;
  lw_err e;
  lw_verify_result r;
  listing l = {.json = j};
  if (lw_store_open(&s, db, LW_STORE_READ, lw_clock_real(), &e) < 0 ||
      lw_store_verify(s, list, &l, &r, &e) < 0)
    return refuse(s, &e);
  lw_store_close(s);
  if (key)
    check_key(key, &l, &r);
  if (j)
    print_json(j, &r);
  else
    print_text(db, &r, l.n);
  return r.findings ? LW_EXIT_FAILED : LW_EXIT_DONE;
}

// A pack is Lua's to read: its texts are put together again, too.
static int names_pack(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (lw_launch_is_pack(argv[i]))
      return 1;
  return 0;
}

int lw_cmd_verify(int argc, char **argv) {
  if (names_pack(argc, argv))
    return lw_cmd_tool(argc, argv);
  const char *db = "linewright.db", *key = NULL;
  int is_json = 0;
  const lw_option_def defs[] = {{"--db", 's', &db},
                                {"--key", 's', &key},
                                {"--json", 'f', &is_json},
                                {NULL, 0, NULL}};
  if (!lw_options_parse("verify", argc, argv, defs))
    return LW_EXIT_USAGE;
  if (key && (strlen(key) != 64 || strspn(key, "0123456789abcdef") != 64)) {
    fprintf(stderr, "linewright verify: --key takes 64 hex digits, got %.80s\n",
            key);
    return LW_EXIT_USAGE;
  }
  if (!is_json)
    return verify(db, key, NULL);
  char *text = malloc(JSON_MAX);
  lw_json j;
  if (!text)
    return LW_EXIT_REFUSED;
  lw_json_init(&j, text, JSON_MAX);
  lw_json_open(&j, NULL, '{');
  lw_json_open(&j, "findings", '[');
  int code = verify(db, key, &j);
  free(text);
  return code;
}
