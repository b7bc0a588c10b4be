#include "io/modbus_read.h"

#include <errno.h>    // errno
#include <math.h>     // NAN
#include <stdlib.h>   // calloc, qsort
#include <sys/file.h> // flock

// One call of lw_modbus_reader_run, to keep parameters few.
typedef struct reading {
  lw_modbus_reader *r;
  modbus_t *bus;
  int64_t now_ns;
  lw_sample *out;
  lw_err *e;
} reading;

static lw_modbus_point *point_at(const reading *g, uint32_t i) {
  return &g->r->points[g->r->list[i]];
}

static int end_of(const lw_modbus_point *p) {
  return p->at.first + p->at.n;
}

typedef struct sort_key {
  int table, first;
  uint32_t point;
} sort_key;

static int compare(const void *a, const void *b) {
  const sort_key *x = a, *y = b;
  if (x->table != y->table)
    return x->table - y->table;
  if (x->first != y->first)
    return x->first - y->first;
  return x->point < y->point ? -1 : 1; // qsort is not stable
}

static int sort_points(lw_modbus_reader *r) {
  sort_key *keys = calloc(r->point_n ? r->point_n : 1, sizeof *keys);
  if (!keys)
    return LW_E_NOMEM;
  for (uint32_t i = 0; i < r->point_n; i++)
    keys[i] = (sort_key){r->points[i].at.table, r->points[i].at.first, i};
  qsort(keys, r->point_n, sizeof *keys, compare);
  for (uint32_t i = 0; i < r->point_n; i++)
    r->order[i] = keys[i].point;
  free(keys);
  return 0;
}

int lw_modbus_reader_init(lw_modbus_reader *r, const lw_point *points, size_t n,
                          lw_err *e) {
  size_t room = n ? n : 1;
  r->point_n = (uint32_t)n;
  r->points = calloc(room, sizeof *r->points);
  r->order = calloc(room, sizeof *r->order);
  r->list = calloc(room, sizeof *r->list);
  if (!r->points || !r->order || !r->list)
    return lw_err_set(e, LW_E_NOMEM, "out of memory");
  for (size_t i = 0; i < n; i++) {
    const lw_point *p = &points[i];
    r->points[i] = (lw_modbus_point){.name = p->name,
                                     .type = p->type,
                                     .word_order = p->word_order,
                                     .text = p->address,
                                     .out = UINT32_MAX};
    int rc = lw_modbus_address_parse(p->address, p->type, p->access,
                                     &r->points[i].at, e);
    if (rc < 0)
      return rc;
  }
  if (sort_points(r) < 0)
    return lw_err_set(e, LW_E_NOMEM, "out of memory");
  return 0;
}

void lw_modbus_reader_fini(lw_modbus_reader *r) {
  free(r->list);
  free(r->order);
  free(r->points);
  *r = (lw_modbus_reader){0};
}

void lw_modbus_reader_reset(lw_modbus_reader *r) {
  for (uint32_t i = 0; i < r->point_n; i++) {
    r->points[i].is_cut = 0;
    r->points[i].pause_ns = 0;
  }
}

int lw_modbus_is_exception(int code) {
  return (code > MODBUS_ENOBASE && code <= EMBXGTAR) || code == EMBBADEXC;
}

int lw_modbus_code(int code) {
  if (lw_modbus_is_exception(code))
    return LW_E_PROTO;
  if (code == ETIMEDOUT)
    return LW_E_TIMEOUT;
  return code > MODBUS_ENOBASE ? LW_E_CORRUPT : LW_E_IO;
}

// The exceptions that one bad register in a request causes; the others mean the
// device as a whole, and splitting the request would not help.
static int is_about_address(int code) {
  return code == EMBXILADD || code == EMBXILVAL || code == EMBXSFAIL;
}

static int request(const reading *g, int table, int first, int n, void *into) {
  g->r->request_n++;
  switch (table) {
  case LW_MODBUS_coil:
    return modbus_read_bits(g->bus, first, n, into);
  case LW_MODBUS_discrete_input:
    return modbus_read_input_bits(g->bus, first, n, into);
  case LW_MODBUS_input_register:
    return modbus_read_input_registers(g->bus, first, n, into);
  default:
    return modbus_read_registers(g->bus, first, n, into);
  }
}

// The lock lies on the open port itself: no table of ports to keep, and it is
// gone with its holder. RTU answers carry no number, so that whatever came too
// late is thrown away before a request.
void lw_modbus_take(modbus_t *bus, int is_serial) {
  if (!is_serial)
    return;
  while (flock(modbus_get_socket(bus), LOCK_EX) < 0 && errno == EINTR)
    ;
  modbus_flush(bus);
}

void lw_modbus_give(modbus_t *bus, int is_serial) {
  int code = errno;
  if (is_serial)
    flock(modbus_get_socket(bus), LOCK_UN);
  errno = code; // the request's own result
}

// A serial line may garble a telegram; one repetition is cheap, and a device
// that is gone still shows after two time-outs.
static int request_safely(const reading *g, int table, int first, int n,
                          void *into) {
  int rc = -1;
  for (int tries = g->r->is_serial ? 2 : 1; rc < 0 && tries > 0; tries--) {
    lw_modbus_take(g->bus, g->r->is_serial);
    rc = request(g, table, first, n, into);
    lw_modbus_give(g->bus, g->r->is_serial);
    if (rc < 0 && lw_modbus_is_exception(errno))
      break;
  }
  return rc;
}

static void decode_bit(const lw_modbus_point *p, const uint8_t *bits, int first,
                       lw_sample *s) {
  s->value = bits[p->at.first - first] != 0;
  s->quality = LW_GOOD;
}

static void decode_registers(const lw_modbus_point *p, const uint16_t *words,
                             int first, lw_sample *s) {
  words += p->at.first - first;
  s->quality = LW_GOOD;
  if (p->type == LW_TYPE_text)
    lw_modbus_decode_text(words, p->at.n, p->word_order, s->text, LW_TEXT_SIZE);
  else if (p->at.bit >= 0)
    s->value = (words[0] >> p->at.bit) & 1;
  else
    s->value = lw_modbus_decode(words, p->type, p->word_order);
}

static void set_quality(const reading *g, uint32_t a, uint32_t b, int quality) {
  for (uint32_t i = a; i < b; i++)
    g->out[point_at(g, i)->out].quality = quality;
}

static void refuse_point(const reading *g, lw_modbus_point *p) {
  p->pause_ns = p->pause_ns ? p->pause_ns * 2 : LW_MODBUS_RETRY_MIN_NS;
  if (p->pause_ns > LW_MODBUS_RETRY_MAX_NS)
    p->pause_ns = LW_MODBUS_RETRY_MAX_NS;
  p->retry_ns = g->now_ns + p->pause_ns;
  lw_err_set(g->e, 0, "%s: register %s: %s", p->name, p->text,
             modbus_strerror(errno));
}

// Where to split a refused block: at the widest gap, since nobody promised that
// the registers in it exist, else in the middle.
static uint32_t split_at(const reading *g, uint32_t a, uint32_t b) {
  uint32_t at = 0;
  int widest = 0, reach = end_of(point_at(g, a));
  for (uint32_t i = a + 1; i < b; i++) {
    int gap = point_at(g, i)->at.first - reach;
    if (gap > widest) {
      widest = gap;
      at = i;
    }
    if (end_of(point_at(g, i)) > reach)
      reach = end_of(point_at(g, i));
  }
  if (!at)
    return a + (b - a) / 2;
  point_at(g, at)->is_cut = 1;
  return at;
}

static int read_block(const reading *g, uint32_t a, uint32_t b);

static int handle_refusal(const reading *g, uint32_t a, uint32_t b) {
  int code = errno;
  if (code == EMBXSBUSY || code == EMBXACK) {
    set_quality(g, a, b, LW_OLD);
    return 0;
  }
  set_quality(g, a, b, LW_BAD);
  if (!is_about_address(code)) {
    lw_err_set(g->e, 0, "registers from %s on: %s", point_at(g, a)->text,
               modbus_strerror(code));
    return 0;
  }
  if (b - a == 1) {
    refuse_point(g, point_at(g, a));
    return 0;
  }
  uint32_t middle = split_at(g, a, b);
  int rc = read_block(g, a, middle);
  return rc < 0 ? rc : read_block(g, middle, b);
}

// Read the points list[a..b), which lie close together in one table.
static int read_block(const reading *g, uint32_t a, uint32_t b) {
  const lw_modbus_point *p = point_at(g, a);
  int table = p->at.table, first = p->at.first, end = end_of(p);
  int is_bits = lw_modbus_is_bits(table);
  for (uint32_t i = a + 1; i < b; i++)
    if (end_of(point_at(g, i)) > end)
      end = end_of(point_at(g, i));
  void *into = is_bits ? (void *)g->r->bits : (void *)g->r->words;
  if (request_safely(g, table, first, end - first, into) < 0) {
    if (lw_modbus_is_exception(errno))
      return handle_refusal(g, a, b);
    return lw_err_set(g->e, lw_modbus_code(errno), "reading %s: %s", p->text,
                      modbus_strerror(errno));
  }
  for (uint32_t i = a; i < b; i++) {
    lw_modbus_point *q = point_at(g, i);
    q->pause_ns = 0;
    if (is_bits)
      decode_bit(q, g->r->bits, first, &g->out[q->out]);
    else
      decode_registers(q, g->r->words, first, &g->out[q->out]);
  }
  return 0;
}

// How many of list[a..n) one request can fetch.
static uint32_t block_end(const reading *g, uint32_t a, uint32_t n) {
  const lw_modbus_point *p = point_at(g, a);
  int unit = lw_modbus_is_bits(p->at.table) ? 16 : 1;
  int max = g->r->max_block * unit, reach = end_of(p);
  uint32_t i = a + 1;
  for (; i < n && !p->pause_ns; i++) {
    const lw_modbus_point *q = point_at(g, i);
    if (q->at.table != p->at.table || q->is_cut || q->pause_ns ||
        q->at.first - reach > g->r->gap * unit || end_of(q) - p->at.first > max)
      break;
    if (end_of(q) > reach)
      reach = end_of(q);
  }
  return i;
}

static uint32_t collect(reading *g, const uint32_t *due, size_t due_n) {
  lw_modbus_reader *r = g->r;
  uint32_t n = 0;
  for (size_t i = 0; i < due_n; i++)
    r->points[due[i]].out = (uint32_t)i;
  for (uint32_t i = 0; i < r->point_n; i++)
    if (r->points[r->order[i]].out != UINT32_MAX)
      r->list[n++] = r->order[i];
  return n;
}

int lw_modbus_reader_run(lw_modbus_reader *r, modbus_t *bus, int64_t now_ns,
                         const uint32_t *due, size_t due_n, lw_sample *out,
                         lw_err *e) {
  lw_err unused;
  reading g = {r, bus, now_ns, out, e ? e : &unused};
  uint32_t n = collect(&g, due, due_n);
  int rc = 0;
  for (uint32_t a = 0, b; rc == 0 && a < n; a = b) {
    b = block_end(&g, a, n);
    const lw_modbus_point *p = point_at(&g, a);
    if (!p->pause_ns || now_ns >= p->retry_ns)
      rc = read_block(&g, a, b);
  }
  for (size_t i = 0; i < due_n; i++)
    r->points[due[i]].out = UINT32_MAX;
  return rc;
}
