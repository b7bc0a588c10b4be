#include "bind/match.h"

#include <string.h> // memcmp

enum {
  MATCH_CHAR,     // the byte a
  MATCH_ANY,      // any byte
  MATCH_SET,      // a byte of set
  MATCH_OPEN,     // capture a begins
  MATCH_CLOSE,    // capture a ends
  MATCH_POSITION, // capture a is the position
  MATCH_BACK,     // the text of capture a again
  MATCH_BALANCE,  // %b: from a to its b
  MATCH_FRONTIER, // %f: from outside of set into it
  MATCH_END,      // $: the end of the text
  MATCH_DONE
};

// --------------------------------------------------------------- compiling ---

typedef struct compiler {
  lw_pattern *p;
  const uint8_t *at, *end;
  uint8_t open[LW_MATCH_CAPTURES]; // captures that wait for their ')'
  int open_n;
  uint32_t closed; // bits of captures that are complete
  lw_err *e;
} compiler;

static int malformed(compiler *c, const char *what) {
  return lw_err_set(c->e, LW_E_SYNTAX, "malformed pattern (%s)", what);
}

static void set_add(uint32_t *set, unsigned c) {
  set[c >> 5] |= UINT32_C(1) << (c & 31);
}

static int set_has(const uint32_t *set, unsigned c) {
  return (int)(set[c >> 5] >> (c & 31) & 1);
}

typedef struct char_class {
  char letter;
  uint32_t set[4]; // no byte over 127 is in any
} char_class;

// Classes of ASCII, whatever the process's locale is; as sets, since a recipe's
// load compiles thousands of patterns.
static const char_class classes[] = {
    {'a', {0, 0, 0x07fffffe, 0x07fffffe}},
    {'c', {0xffffffff, 0, 0, 0x80000000}},
    {'d', {0, 0x03ff0000, 0, 0}},
    {'g', {0, 0xfffffffe, 0xffffffff, 0x7fffffff}},
    {'l', {0, 0, 0, 0x07fffffe}},
    {'p', {0, 0xfc00fffe, 0xf8000001, 0x78000001}},
    {'s', {0x00003e00, 0x00000001, 0, 0}},
    {'u', {0, 0, 0x07fffffe, 0}},
    {'w', {0, 0x03ff0000, 0x07fffffe, 0x07fffffe}},
    {'x', {0, 0x03ff0000, 0x0000007e, 0x0000007e}},
    {'z', {0x00000001, 0, 0, 0}}, // old, but both engines know it
};

static const char_class *class_of(unsigned letter) {
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if ((unsigned char)classes[i].letter == letter)
      return &classes[i];
  return NULL;
}

// What stands after a %: a class, upper case for its complement, or itself.
static void set_add_escaped(uint32_t *set, unsigned letter) {
  unsigned lower = letter | 0x20;
  const char_class *k = class_of(lower);
  uint32_t flip = letter == lower ? 0 : UINT32_MAX;
  if (!k) {
    set_add(set, letter);
    return;
  }
  for (int i = 0; i < 8; i++)
    set[i] |= (i < 4 ? k->set[i] : 0) ^ flip;
}

// One element of [...]; c->at is on it.
static int compile_element(compiler *c, uint32_t *set) {
  unsigned first = *c->at++;
  if (first == '%') {
    if (c->at == c->end)
      return malformed(c, "missing ']'");
    set_add_escaped(set, *c->at++);
  } else if (c->end - c->at >= 2 && c->at[0] == '-' && c->at[1] != ']') {
    for (unsigned last = c->at[1]; first <= last; first++)
      set_add(set, first);
    c->at += 2;
  } else {
    set_add(set, first);
  }
  return 0;
}

// [...]; c->at is behind the opening bracket.
static int compile_set(compiler *c, uint32_t *set) {
  int is_complement = c->at < c->end && *c->at == '^';
  c->at += is_complement;
  // A ']' right at the start is an ordinary element.
  for (int is_first = 1; is_first || c->at == c->end || *c->at != ']';
       is_first = 0) {
    if (c->at == c->end)
      return malformed(c, "missing ']'");
    int rc = compile_element(c, set);
    if (rc < 0)
      return rc;
  }
  c->at++;
  for (int i = 0; is_complement && i < 8; i++)
    set[i] = ~set[i];
  return 0;
}

static lw_match_item *add(compiler *c, uint8_t op) {
  lw_match_item *item = &c->p->items[c->p->item_n++];
  *item = (lw_match_item){.op = op};
  return item;
}

static int compile_open(compiler *c) {
  if (c->p->capture_n >= LW_MATCH_CAPTURES)
    return malformed(c, "too many captures");
  uint8_t n = (uint8_t)c->p->capture_n++;
  if (c->at < c->end && *c->at == ')') {
    c->at++;
    c->closed |= UINT32_C(1) << n;
    add(c, MATCH_POSITION)->a = n;
  } else {
    c->open[c->open_n++] = n;
    add(c, MATCH_OPEN)->a = n;
  }
  return 0;
}

static int compile_close(compiler *c) {
  if (c->open_n == 0)
    return malformed(c, "')' without '('");
  uint8_t n = c->open[--c->open_n];
  c->closed |= UINT32_C(1) << n;
  add(c, MATCH_CLOSE)->a = n;
  return 0;
}

static int compile_back(compiler *c, unsigned digit) {
  unsigned n = digit - '1';
  if (digit == '0' || n >= LW_MATCH_CAPTURES || !(c->closed >> n & 1))
    return malformed(c, "%n before capture n is complete");
  add(c, MATCH_BACK)->a = (uint8_t)n;
  return 0;
}

static int compile_balance(compiler *c) {
  if (c->end - c->at < 2)
    return malformed(c, "missing arguments to '%b'");
  lw_match_item *item = add(c, MATCH_BALANCE);
  item->a = *c->at++;
  item->b = *c->at++;
  return 0;
}

static int compile_frontier(compiler *c) {
  if (c->at == c->end || *c->at != '[')
    return malformed(c, "missing '[' after '%f'");
  c->at++;
  return compile_set(c, add(c, MATCH_FRONTIER)->set);
}

// A single byte's test and what quantifies it.
static int compile_single(compiler *c, unsigned first) {
  lw_match_item *item = add(c, MATCH_CHAR);
  int rc = 0;
  if (first == '.') {
    item->op = MATCH_ANY;
  } else if (first == '[') {
    item->op = MATCH_SET;
    rc = compile_set(c, item->set);
  } else if (first == '%') {
    item->op = MATCH_SET;
    set_add_escaped(item->set, *c->at++);
  } else {
    item->a = (uint8_t)first;
  }
  if (rc == 0 && c->at < c->end && memchr("*+-?", *c->at, 4))
    item->quantity = *c->at++;
  return rc;
}

static int compile_item(compiler *c) {
  unsigned first = *c->at++;
  if (first == '(')
    return compile_open(c);
  if (first == ')')
    return compile_close(c);
  if (first == '$' && c->at == c->end) {
    add(c, MATCH_END);
    return 0;
  }
  if (first != '%')
    return compile_single(c, first);
  if (c->at == c->end)
    return malformed(c, "ends with '%'");
  if (*c->at == 'b' || *c->at == 'f')
    return *c->at++ == 'b' ? compile_balance(c) : compile_frontier(c);
  if (*c->at >= '0' && *c->at <= '9')
    return compile_back(c, *c->at++);
  return compile_single(c, first);
}

int lw_pattern_init(lw_pattern *p, const char *pattern, size_t n,
                    int has_anchor, lw_err *e) {
  if (n > LW_MATCH_PATTERN)
    return lw_err_set(e, LW_E_RANGE, "pattern of %zu bytes, at most %d", n,
                      LW_MATCH_PATTERN);
  p->capture_n = 0;
  p->item_n = 0;
  p->is_anchored = has_anchor && n > 0 && pattern[0] == '^';
  const uint8_t *bytes = (const uint8_t *)pattern;
  compiler c = {.p = p, .at = bytes + p->is_anchored, .end = bytes + n, .e = e};
  while (c.at < c.end) {
    int rc = compile_item(&c);
    if (rc < 0)
      return rc;
  }
  if (c.open_n > 0)
    return malformed(&c, "unfinished capture");
  add(&c, MATCH_DONE);
  return 0;
}

// ---------------------------------------------------------------- matching ---

typedef struct matcher {
  const uint8_t *text, *end;
  uint64_t *steps;
  lw_match *m;
} matcher;

enum { RUN_NO, RUN_YES }; // or LW_E_BUDGET

static int run(matcher *r, const lw_match_item *item, const uint8_t *s);

static int spend(matcher *r, size_t n) {
  if (*r->steps < n) {
    *r->steps = 0;
    return 0;
  }
  *r->steps -= n;
  return 1;
}

static int fits(const matcher *r, const lw_match_item *item, const uint8_t *s) {
  if (s >= r->end)
    return 0;
  switch (item->op) {
  case MATCH_CHAR:
    return *s == item->a;
  case MATCH_ANY:
    return 1;
  }
  return set_has(item->set, *s);
}

// * and +: as many as fit, then fewer, until the rest matches.
static int run_greedy(matcher *r, const lw_match_item *item, const uint8_t *s,
                      size_t least) {
  size_t n = 0;
  while (fits(r, item, s + n))
    n++;
  if (!spend(r, n + 1))
    return LW_E_BUDGET;
  for (size_t left = n + 1; left > least; left--) {
    int found = run(r, item + 1, s + left - 1);
    if (found != RUN_NO)
      return found;
  }
  return RUN_NO;
}

// -: as few as will do.
static int run_lazy(matcher *r, const lw_match_item *item, const uint8_t *s) {
  for (;;) {
    int found = run(r, item + 1, s);
    if (found != RUN_NO)
      return found;
    if (!fits(r, item, s++))
      return RUN_NO;
  }
}

static int run_optional(matcher *r, const lw_match_item *item,
                        const uint8_t *s) {
  if (fits(r, item, s)) {
    int found = run(r, item + 1, s + 1);
    if (found != RUN_NO)
      return found;
  }
  return run(r, item + 1, s);
}

static int run_quantified(matcher *r, const lw_match_item *item,
                          const uint8_t *s) {
  switch (item->quantity) {
  case '*':
    return run_greedy(r, item, s, 0);
  case '+':
    return run_greedy(r, item, s, 1);
  case '-':
    return run_lazy(r, item, s);
  }
  return run_optional(r, item, s);
}

// Where the pair that opens at s closes, or NULL.
static const uint8_t *balance(matcher *r, const lw_match_item *item,
                              const uint8_t *s) {
  if (s >= r->end || *s != item->a)
    return NULL;
  size_t depth = 1;
  for (const uint8_t *t = s + 1; t < r->end && spend(r, 1); t++) {
    if (*t == item->b) {
      if (--depth == 0)
        return t + 1;
    } else if (*t == item->a) {
      depth++;
    }
  }
  return NULL;
}

static const uint8_t *back(matcher *r, const lw_match_item *item,
                           const uint8_t *s) {
  size_t n = r->m->capture_n[item->a];
  // A position has no text: its length, the greatest there is, never fits.
  if ((size_t)(r->end - s) < n || !spend(r, n))
    return NULL;
  const uint8_t *before = r->text + r->m->capture_start[item->a];
  return memcmp(before, s, n) == 0 ? s + n : NULL;
}

static int at_frontier(const matcher *r, const lw_match_item *item,
                       const uint8_t *s) {
  unsigned before = s == r->text ? 0 : s[-1], after = s == r->end ? 0 : *s;
  return !set_has(item->set, before) && set_has(item->set, after);
}

// One unquantified item at s: where the next one starts, or NULL. Captures need
// no undoing: on the way that succeeds, each is set after all failures.
static const uint8_t *pass(matcher *r, const lw_match_item *item,
                           const uint8_t *s) {
  size_t at = (size_t)(s - r->text);
  switch (item->op) {
  case MATCH_OPEN:
    r->m->capture_start[item->a] = at;
    return s;
  case MATCH_CLOSE:
    r->m->capture_n[item->a] = at - r->m->capture_start[item->a];
    return s;
  case MATCH_POSITION:
    r->m->capture_start[item->a] = at;
    r->m->capture_n[item->a] = LW_MATCH_POSITION;
    return s;
  case MATCH_BACK:
    return back(r, item, s);
  case MATCH_BALANCE:
    return balance(r, item, s);
  case MATCH_FRONTIER:
    return at_frontier(r, item, s) ? s : NULL;
  case MATCH_END:
    return s == r->end ? s : NULL;
  }
  return fits(r, item, s) ? s + 1 : NULL;
}

static int run(matcher *r, const lw_match_item *item, const uint8_t *s) {
  for (;; item++) {
    if (!spend(r, 1))
      return LW_E_BUDGET;
    if (item->op == MATCH_DONE) {
      r->m->end = (size_t)(s - r->text);
      return RUN_YES;
    }
    if (item->quantity)
      return run_quantified(r, item, s);
    s = pass(r, item, s);
    if (!s)
      return *r->steps == 0 ? LW_E_BUDGET : RUN_NO;
  }
}

int lw_pattern_run(const lw_pattern *p, const char *text, size_t n, size_t from,
                   uint64_t *steps, lw_match *m) {
  matcher r = {.text = (const uint8_t *)text,
               .end = (const uint8_t *)text + n,
               .steps = steps,
               .m = m};
  for (size_t start = from; start <= n; start++) {
    int found = run(&r, p->items, r.text + start);
    m->start = start;
    if (found != RUN_NO)
      return found;
    if (p->is_anchored)
      break;
  }
  return RUN_NO;
}
