#include "io/sim.h"

#include <math.h>   // isfinite, sqrt, log, cos
#include <string.h> // strcmp, strnlen

#include "base/bits.h"     // lw_bits_of_double
#include "image/seqlock.h" // lw_seq_enter
#include "linewright.h"    // LW_TEXT_SIZE

#define SIM_MAGIC 0x4c575349u // "LWSI"
#define SIM_VERSION 2u

// A text of a signal, behind a sequence lock.
typedef struct sim_text {
  _Atomic uint32_t seq;
  char text[LW_TEXT_SIZE];
} sim_text;

// Fields are atomics since twin and host share them; each is one word, and a
// reader that catches a fault half injected acts it out one poll later.
typedef struct entry {
  _Atomic uint64_t value;    // bits of a double
  _Atomic uint64_t held;     // bits of a double
  _Atomic uint64_t argument; // bits of a double
  _Atomic int64_t since_ns;
  _Atomic uint32_t fault;
  _Atomic uint32_t turn;
  _Atomic uint32_t is_set;
  uint32_t reserved;
  sim_text text, forced; // of signals that are texts
} entry;

struct lw_sim {
  uint32_t magic, version;
  uint64_t size; // bytes of the whole block
  uint64_t seed;
  uint32_t signal_n;
  uint32_t reserved;
  entry entries[];
};

size_t lw_sim_size(uint32_t signal_n) {
  return sizeof(lw_sim) + signal_n * sizeof(entry);
}

void lw_sim_init(lw_sim *s, uint32_t signal_n, uint64_t seed) {
  *s = (lw_sim){.magic = SIM_MAGIC,
                .version = SIM_VERSION,
                .size = lw_sim_size(signal_n),
                .seed = seed,
                .signal_n = signal_n};
  for (uint32_t i = 0; i < signal_n; i++)
    s->entries[i] = (entry){0};
}

int lw_sim_check(const lw_sim *s, size_t mapped, lw_err *e) {
  if (mapped < sizeof *s || s->magic != SIM_MAGIC)
    return lw_err_set(e, LW_E_CORRUPT, "twin block: no such block in %zu bytes",
                      mapped);
  if (s->version != SIM_VERSION)
    return lw_err_set(e, LW_E_CORRUPT, "twin block: version %u, this is %u",
                      s->version, SIM_VERSION);
  if (s->size > mapped || s->size != lw_sim_size(s->signal_n))
    return lw_err_set(e, LW_E_CORRUPT, "twin block: %u signals in %zu bytes",
                      s->signal_n, mapped);
  return 0;
}

uint32_t lw_sim_signal_n(const lw_sim *s) {
  return s->signal_n;
}

double lw_sim_get(const lw_sim *s, uint32_t signal) {
  if (signal >= s->signal_n)
    return NAN;
  return lw_double_of_bits(atomic_load(&s->entries[signal].value));
}

void lw_sim_set(lw_sim *s, uint32_t signal, double value) {
  if (signal >= s->signal_n)
    return;
  atomic_store(&s->entries[signal].value, lw_bits_of_double(value));
  atomic_store(&s->entries[signal].is_set, 1);
}

static void write_text(sim_text *t, const char *text) {
  char whole[LW_TEXT_SIZE] = "";
  memcpy(whole, text, strnlen(text, sizeof whole - 1));
  uint32_t seq = lw_seq_enter(&t->seq);
  lw_seq_copy(t->text, whole, sizeof whole);
  lw_seq_leave(&t->seq, seq);
}

static int read_text(const sim_text *t, char *buf) {
  uint32_t before = lw_seq_look(&t->seq);
  if (before == 0) { // never written, as with all that are numbers
    *buf = 0;
    return 0;
  }
  lw_seq_copy(buf, t->text, LW_TEXT_SIZE);
  int fits = lw_seq_fits(&t->seq, before);
  buf[fits ? LW_TEXT_SIZE - 1 : 0] = 0;
  return fits ? 0 : LW_E_AGAIN;
}

void lw_sim_set_text(lw_sim *s, uint32_t signal, const char *text) {
  if (signal >= s->signal_n)
    return;
  write_text(&s->entries[signal].text, text);
  atomic_store(&s->entries[signal].is_set, 1);
}

int lw_sim_get_text(const lw_sim *s, uint32_t signal, char *buf) {
  *buf = 0;
  if (signal >= s->signal_n)
    return LW_E_NOTFOUND;
  return read_text(&s->entries[signal].text, buf);
}

void lw_sim_force_text(lw_sim *s, uint32_t signal, const char *text) {
  if (signal < s->signal_n)
    write_text(&s->entries[signal].forced, text);
}

int lw_sim_forced_text(const lw_sim *s, uint32_t signal, char *buf) {
  *buf = 0;
  if (signal >= s->signal_n)
    return LW_E_NOTFOUND;
  return read_text(&s->entries[signal].forced, buf);
}

static const struct {
  const char *name;
  int has_argument;
} faults[] = {
#define FAULT_ROW(name, argument) {#name, sizeof(argument) > 1},
    LW_FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

int lw_sim_fault_find(const char *name) {
  for (int i = 0; i < LW_FAULT_N; i++)
    if (!strcmp(faults[i].name, name))
      return i;
  return LW_E_NOTFOUND;
}

const char *lw_sim_fault_name(int fault) {
  return fault >= 0 && fault < LW_FAULT_N ? faults[fault].name : NULL;
}

int lw_sim_fault(lw_sim *s, uint32_t signal, int fault, double argument) {
  if (signal >= s->signal_n)
    return LW_E_NOTFOUND;
  if (fault < 0 || fault >= LW_FAULT_N)
    return LW_E_RANGE;
  if (faults[fault].has_argument && !isfinite(argument))
    return LW_E_RANGE;
  entry *n = &s->entries[signal];
  atomic_store(&n->fault, LW_FAULT_none);
  atomic_store(&n->held, atomic_load(&n->value));
  atomic_store(&n->argument, lw_bits_of_double(argument));
  atomic_store(&n->since_ns, 0);
  atomic_fetch_add(&n->turn, 1);
  atomic_store(&n->fault, (uint32_t)fault);
  return 0;
}

int lw_sim_fault_of(const lw_sim *s, uint32_t signal) {
  if (signal >= s->signal_n)
    return LW_FAULT_none;
  return (int)atomic_load(&s->entries[signal].fault);
}

int lw_sim_look(lw_sim *s, uint32_t signal, int64_t now_ns, lw_sim_view *out) {
  if (signal >= s->signal_n)
    return LW_E_NOTFOUND;
  entry *n = &s->entries[signal];
  uint32_t fault = atomic_load(&n->fault);
  int64_t since_ns = 0;
  // 0 means "not seen yet", so an instant of 0 is stamped as 1 ns.
  if (fault != LW_FAULT_none)
    if (atomic_compare_exchange_strong(&n->since_ns, &since_ns,
                                       now_ns ? now_ns : 1))
      since_ns = now_ns;
  *out = (lw_sim_view){.value = lw_double_of_bits(atomic_load(&n->value)),
                       .held = lw_double_of_bits(atomic_load(&n->held)),
                       .argument = lw_double_of_bits(atomic_load(&n->argument)),
                       .since_ns = since_ns,
                       .fault = fault,
                       .turn = atomic_load(&n->turn),
                       .is_set = atomic_load(&n->is_set) != 0};
  return 0;
}

// The finaliser of SplitMix64, used as a counter-based generator: no state to
// keep, so a reboot of the host does not change the plant's noise.
// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
// OOPSLA 2014, figure 16.
static uint64_t mix(uint64_t z) {
  z += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static double uniform_of(const lw_sim *s, uint32_t signal, int64_t now_ns,
                         uint64_t stream) {
  uint64_t z = mix(s->seed ^ mix(signal * UINT64_C(4) + stream));
  return (double)(mix(z ^ (uint64_t)now_ns) >> 11) * 0x1p-53;
}

double lw_sim_uniform(const lw_sim *s, uint32_t signal, int64_t now_ns) {
  return uniform_of(s, signal, now_ns, 0);
}

// Source: Box and Muller, Annals of Mathematical Statistics 29(2), 1958.
double lw_sim_normal(const lw_sim *s, uint32_t signal, int64_t now_ns) {
  double u = uniform_of(s, signal, now_ns, 1);
  double v = uniform_of(s, signal, now_ns, 2);
  return sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * v);
}
