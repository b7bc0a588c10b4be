// Linewright inside a C program: a driver of its own feeds a furnace model, a
// primitive of its own is called by the recipe, virtual time is stepped here.
//
//   cc embed.c $(pkg-config --cflags --libs linewright) -lm && ./a.out
#include <linewright.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- a driver: "furnace" with two addresses, heat [%] and temperature [degC]

typedef struct furnace {
  const lw_point *points;
  double heat, temp;
  int64_t at_ns;
} furnace;

static int furnace_check(const char *address, int type, int access, lw_err *e) {
  (void)type;
  (void)access;
  if (strcmp(address, "heat") == 0 || strcmp(address, "temp") == 0)
    return 0;
  snprintf(e->text, sizeof e->text, "address '%s': heat or temp", address);
  return e->code = LW_E_SYNTAX;
}

static int furnace_init(void *self, const lw_option *options, size_t option_n,
                        const lw_point *points, size_t point_n, lw_err *e) {
  (void)options, (void)option_n, (void)point_n, (void)e;
  *(furnace *)self = (furnace){.points = points, .temp = 20};
  return 0;
}

static int furnace_open(void *self, lw_err *e) {
  (void)self, (void)e;
  return 0;
}

static int furnace_read(void *self, int64_t now_ns, const uint32_t *due,
                        size_t due_n, lw_sample *out, lw_err *e) {
  furnace *f = self;
  (void)e;
  double dt_s = f->at_ns ? (double)(now_ns - f->at_ns) * 1e-9 : 0;
  f->at_ns = now_ns;
  f->temp += (20 + 10 * f->heat - f->temp) * -expm1(-dt_s / 120); // 2 min lag
  for (size_t i = 0; i < due_n; i++) {
    int is_heat = strcmp(f->points[due[i]].address, "heat") == 0;
    out[i].value = is_heat ? f->heat : f->temp;
    out[i].quality = LW_GOOD;
  }
  return 0;
}

static int furnace_write(void *self, const uint32_t *which, const double *raw,
                         size_t n, lw_err *e) {
  (void)which, (void)e;
  ((furnace *)self)->heat = raw[n - 1];
  return 0;
}

static void furnace_close(void *self) {
  (void)self;
}

static const lw_option_spec no_options[] = {{NULL, 0, 0, NULL}};
static const lw_driver_ops furnace_ops = {.kind = "furnace",
                                          .help = "a furnace model in C",
                                          .state_size = sizeof(furnace),
                                          .options = no_options,
                                          .check_address = furnace_check,
                                          .init = furnace_init,
                                          .open = furnace_open,
                                          .read = furnace_read,
                                          .write = furnace_write,
                                          .close = furnace_close};

// ---- a primitive: recipes call host.hardness(temperature, minutes)

static int hardness(void *arg, const double *in, size_t in_n, double *out,
                    lw_err *e) {
  (void)arg;
  if (in_n != 2) {
    snprintf(e->text, sizeof e->text, "takes temperature and minutes");
    return e->code = LW_E_RANGE;
  }
  out[0] = 62 - 0.02 * in[0] - 1.5 * log1p(in[1]);
  return 1;
}

// ---- the program

static int fail(const char *what, const lw_err *e) {
  fprintf(stderr, "%s: %s\n", what, e->text);
  return 1;
}

int main(int argc, char **argv) {
  const char *dir = argc > 1 ? argv[1] : "embed";
  char recipe[512], line[512];
  snprintf(recipe, sizeof recipe, "%s/temper.lua", dir);
  snprintf(line, sizeof line, "%s/furnace_1.lua", dir);
  lw_driver_register(&furnace_ops);
  lw_primitive_register("hardness", hardness, NULL);

  lw_err e;
  lw_run *run;
  double temp, hrc;
  const char *const set[] = {"soak=20 min", NULL};
  const lw_run_options options = {
      .recipe = recipe, .line = line, .set = set, .seed = 7, .uses_drivers = 1};
  if (lw_run_open(&run, &options, &e) < 0)
    return fail("open", &e);
  if (lw_run_start(run, &e) < 0 || lw_run_advance(run, 600, &e) < 0 ||
      lw_run_read(run, "furnace.temp", &temp, NULL, &e) < 0)
    return fail("run", &e);
  printf("%s at %.0f s, furnace at %.0f degC\n", lw_run_state(run),
         lw_run_now_s(run), temp);
  if (lw_run_until(run, "Complete", 7200, &e) < 0 ||
      lw_run_output(run, "hardness", 0, &hrc, &e) < 0)
    return fail("run", &e);
  printf("%s at %.0f s, hardness %.1f HRC\n", lw_run_state(run),
         lw_run_now_s(run), hrc);
  lw_run_close(run);
  return 0;
}
