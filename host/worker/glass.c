#include "worker/glass.h"

#include <stdlib.h> // calloc, free
#include <string.h> // memcmp, strncmp
#include <unistd.h> // close

#include "base/hash.h"     // lw_hash_sha256
#include "image/port.h"    // lw_port
#include "loop/clock.h"    // lw_clock_real
#include "loop/local.h"    // lw_local_ask_fds
#include "worker/region.h" // lw_region

#define PATIENCE_MS 3000

struct lw_glass {
  lw_region image;
  lw_plan *plan;
  lw_port port; // without a desk: to read only
};

static int check(const lw_glass *g, const uint8_t *plan, size_t n, lw_err *e) {
  const lw_image *m = g->image.at;
  int rc = lw_image_check(m, g->image.n, e);
  if (rc < 0)
    return rc;
  uint8_t digest[LW_HASH_N];
  lw_hash_sha256(plan, n, digest);
  if (m->tag_n != g->plan->tag_n ||
      memcmp(digest, m->digest, sizeof digest) != 0)
    return lw_err_set(e, LW_E_CORRUPT, "the plan is not that of this image");
  return 0;
}

int lw_glass_open(lw_glass **out, int image_fd, const uint8_t *plan, size_t n,
                  lw_err *e) {
  lw_glass *g = calloc(1, sizeof *g);
  int rc = g ? 0 : lw_err_set(e, LW_E_NOMEM, "out of memory for a look");
  if (rc == 0) {
    g->image = LW_REGION_NONE;
    rc = lw_region_map(&g->image, image_fd, /* is_read_only */ 1, e);
  }
  if (rc < 0)
    close(image_fd);
  else
    rc = lw_plan_decode(&g->plan, plan, n, e);
  if (rc == 0)
    rc = check(g, plan, n, e);
  if (rc < 0) {
    lw_glass_close(g);
    return rc;
  }
  g->port = (lw_port){
      .plan = g->plan, .image = g->image.at, .clock = lw_clock_real()};
  *out = g;
  return 0;
}

int lw_glass_attach(lw_glass **g, const char *socket, lw_err *e) {
  char answer[LW_LOCAL_ANSWER_MAX];
  int fds[LW_LOCAL_FDS_MAX];
  size_t fd_n = 0;
  int rc = lw_local_ask_fds(socket, "attach", PATIENCE_MS, answer,
                            sizeof answer, fds, &fd_n, e);
  if (rc < 0)
    return rc;
  lw_region plan;
  if (fd_n == 2 && strncmp(answer, "ok", 2) == 0) {
    rc = lw_region_map(&plan, fds[1], 1, e);
    if (rc == 0) {
      rc = lw_glass_open(g, fds[0], plan.at, plan.n, e);
      lw_region_close(&plan);
      return rc;
    }
  } else
    rc =
        lw_err_set(e, LW_E_UNSUPPORTED,
                   "the host at '%s' does not let itself be looked at", socket);
  for (size_t i = 0; i < fd_n; i++)
    close(fds[i]);
  return rc;
}

void lw_glass_close(lw_glass *g) {
  if (!g)
    return;
  lw_region_close(&g->image);
  lw_plan_free(g->plan);
  free(g);
}

const lw_plan *lw_glass_plan(const lw_glass *g) {
  return g->plan;
}

const lw_image *lw_glass_image(const lw_glass *g) {
  return g->image.at;
}

void lw_glass_read(const lw_glass *g, uint32_t tag, lw_reading *out) {
  lw_port port = g->port;
  lw_port_read(&port, tag, out);
}

int lw_glass_text(const lw_glass *g, uint32_t tag, lw_text *out) {
  lw_port port = g->port;
  return lw_port_text(&port, tag, out);
}

int64_t lw_glass_now_ns(const lw_glass *g) {
  return lw_now_ns(g->port.clock);
}
