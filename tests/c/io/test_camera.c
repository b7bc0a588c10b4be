// Against the camera that Aravis fakes within the process: without the library
// only the refusal can be seen.
#include <math.h> // NAN

#include "lines.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOKS 400 // of 10 ms each, far more than a picture takes

typedef struct cell {
  bench_line l;
  char folder[32];
  uint32_t picture, number, missing, trigger;
} cell;

static int has_library(void) {
  void *object = dlopen("libaravis-0.8.so.0", RTLD_NOW);
  if (!object)
    print_message("skipped: libaravis-0.8-0 is not installed\n");
  return object != NULL;
}

static void open_cell(cell *c, const char *camera, const char **options) {
  strcpy(c->folder, "/tmp/lw_test_XXXXXX");
  assert_non_null(mkdtemp(c->folder));
  line_init(&c->l);
  lw_plan_add_driver(c->l.plan, "camera", "camera (c.lua:2)");
  lw_plan_add_option(c->l.plan, "folder", c->folder);
  lw_plan_add_option(c->l.plan, "camera", camera);
  for (; *options; options += 2)
    lw_plan_add_option(c->l.plan, options[0], options[1]);
  const char *const names[] = {"picture", "number", "missing", "trigger"};
  uint32_t *const tags[] = {&c->picture, &c->number, &c->missing, &c->trigger};
  for (int i = 0; i < 4; i++)
    *tags[i] =
        add_tag(c->l.plan,
                &(tag_spec){.name = names[i],
                            .address = names[i],
                            .driver = 1,
                            .type = i ? LW_TYPE_f64 : LW_TYPE_text,
                            .access = i == 3 ? LW_READ | LW_WRITE : LW_READ});
  line_start(&c->l);
}

// Deletes the pictures too; returns how many there were.
static int close_cell(cell *c) {
  char path[320];
  int n = 0;
  line_fini(&c->l);
  DIR *dir = opendir(c->folder);
  for (struct dirent *file; (file = readdir(dir));) {
    snprintf(path, sizeof path, "%s/%s", c->folder, file->d_name);
    n += unlink(path) == 0;
  }
  closedir(dir);
  rmdir(c->folder);
  return n;
}

// The camera has a clock of its own: look until its number is there.
static int await(cell *c, double number) {
  for (int i = 0; i < LOOKS; i++) {
    line_poll(&c->l, 10 * LW_MS);
    lw_reading r = read_tag(&c->l, c->number);
    if (r.quality == LW_GOOD && r.value >= number)
      return 1;
    usleep(10000);
  }
  lw_io_status status;
  lw_io_status_read(c->l.io, 0, &status);
  print_message("%s\n", status.text);
  return 0;
}

static void gives_pictures_at_its_rate_and_keeps_the_newest(void **state) {
  (void)state;
  cell c;
  char name[LW_TEXT_SIZE], path[128], head[4] = "";
  if (!has_library())
    return;
  open_cell(
      &c, "Fake_1",
      (const char *[]){"every", "0.02", "keep", "3", "within", "60", NULL});
  assert_true(await(&c, 5));
  lw_reading r = read_tag(&c.l, c.picture);
  assert_int_equal(r.quality, LW_GOOD);
  lw_io_text(c.l.io, c.picture, name);
  snprintf(path, sizeof path, "%s/%s", c.folder, name);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  assert_int_equal(fread(head, 1, 3, f), 3);
  fclose(f);
  assert_string_equal(head, "P5\n");
  assert_int_equal(close_cell(&c), 3);
}

// The GigE camera that Aravis fakes, on loopback in a process of its own.
static void be_gige(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  void *object = dlopen("libaravis-0.8.so.0", RTLD_NOW);
  void *(*new_camera)(const char *, const char *) = NULL;
  *(void **)&new_camera =
      object ? dlsym(object, "arv_gv_fake_camera_new") : NULL;
  if (new_camera && new_camera("127.0.0.1", "LWTEST"))
    pause();
  _exit(127);
}

// The power of the camera: at each byte it is switched off or on. A process
// forked before this one has threads of the library's, since those it forks in
// turn must not have them either.
typedef struct gige {
  pid_t pid;
  int power, turn;
} gige;

static void keep_gige(int power) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pid_t camera = 0;
  for (char byte; read(power, &byte, 1) == 1;) {
    if (camera) {
      kill(camera, SIGKILL);
      waitpid(camera, NULL, 0);
      camera = 0;
    } else if ((camera = fork()) == 0) {
      be_gige();
    }
  }
  _exit(0);
}

static void switch_gige(const gige *g) {
  assert_int_equal(write(g->power, "", 1), 1);
}

static void start_gige(gige *g) {
  int ends[2];
  // The port is one for the machine: tests of two checkouts take turns.
  g->turn = open("/tmp/lw_test_gige.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  assert_int_equal(flock(g->turn, LOCK_EX), 0);
  assert_int_equal(pipe(ends), 0);
  if ((g->pid = fork()) == 0) {
    close(ends[1]);
    keep_gige(ends[0]);
  }
  close(ends[0]);
  g->power = ends[1];
  switch_gige(g);
}

static void end_gige(gige *g) {
  kill(g->pid, SIGKILL);
  waitpid(g->pid, NULL, 0);
  close(g->power);
  close(g->turn);
}

#define GIGE "width", "128", "height", "128", "packet_socket", "false"

static void gives_pictures_of_a_gige_camera(void **state) {
  (void)state;
  cell c;
  if (!has_library())
    return;
  gige g;
  start_gige(&g);
  open_cell(&c, "Aravis-LWTEST",
            (const char *[]){"every", "0.05", "within", "60", GIGE, NULL});
  assert_true(await(&c, 3));
  close_cell(&c);
  open_cell(&c, "Aravis-LWTEST",
            (const char *[]){"trigger", "signal", "within", "60", GIGE, NULL});
  for (int i = 1; i <= 3; i++) {
    lw_io_write(c.l.io, c.trigger, i);
    assert_true(await(&c, i));
    assert_int_equal(read_tag(&c.l, c.picture).quality, LW_GOOD);
  }
  assert_good(&c.l, c.missing, 0);
  assert_int_equal(close_cell(&c), 3); // no more than was asked for
  end_gige(&g);
}

// Look until its driver has seen that it is gone.
static int await_loss(cell *c) {
  lw_io_status status;
  for (int i = 0; i < LOOKS; i++) {
    line_poll(&c->l, 10 * LW_MS);
    lw_io_status_read(c->l.io, 0, &status);
    if (status.state == LW_IO_BROKEN)
      return 1;
    usleep(10000);
  }
  return 0;
}

static void takes_a_gige_camera_up_again_that_was_unplugged(void **state) {
  (void)state;
  cell c;
  gige g;
  if (!has_library())
    return;
  start_gige(&g);
  open_cell(&c, "Aravis-LWTEST",
            (const char *[]){"every", "0.05", "within", "60", GIGE, NULL});
  assert_true(await(&c, 3));
  switch_gige(&g);
  assert_true(await_loss(&c));
  double before = read_tag(&c.l, c.number).value;
  switch_gige(&g);
  assert_true(await(&c, before + 3));
  assert_int_equal(read_tag(&c.l, c.picture).quality, LW_GOOD);
  close_cell(&c);
  end_gige(&g);
}

static void says_what_it_does_not_find(void **state) {
  (void)state;
  cell c;
  lw_io_status status;
  open_cell(&c, "Nobody-1", (const char *[]){"every", "1", NULL});
  line_poll(&c.l, 10 * LW_MS);
  assert_int_equal(read_tag(&c.l, c.picture).quality, LW_BAD);
  lw_io_status_read(c.l.io, 0, &status);
  assert_int_equal(status.state, LW_IO_BROKEN);
  assert_non_null(strstr(status.text, has_library() ? "Nobody-1" : "install"));
  close_cell(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_pictures_of_a_gige_camera),
      cmocka_unit_test(takes_a_gige_camera_up_again_that_was_unplugged),
      cmocka_unit_test(gives_pictures_at_its_rate_and_keeps_the_newest),
      cmocka_unit_test(says_what_it_does_not_find),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
