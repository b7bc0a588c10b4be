#include <signal.h> // sigaction
#include <stdio.h>  // printf
#include <string.h> // strcmp
#include <time.h>   // nanosleep

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "loop/clock.h" // lw_clock_real
#include "store/forward.h"

const char lw_cmd_forward_help[] =
    "usage: linewright forward --to CONNINFO [--db FILE] [--as NAME] "
    "[--follow|--forget]\n"
    "\n"
    "Send runs, records with their audit hashes, seals and the history's "
    "closed\n"
    "chunks to PostgreSQL, into the schema `linewright`, made when missing.\n"
    "Goes on where it was: killed at any instant, on either side, nothing is\n"
    "lost and nothing comes twice. May run beside a host, whose retention of "
    "old\n"
    "history then waits for what is not sent yet.\n"
    "\n"
    "  --to CONNINFO  \"host=db dbname=plant user=line\" or a postgresql:// "
    "URI;\n"
    "                 passwords belong into ~/.pgpass\n"
    "  --db FILE      database of the records, default linewright.db\n"
    "  --as NAME      name of this database there, default HOST:PATH\n"
    "  --follow       stay, send what is new each second; a server that is "
    "gone\n"
    "                 is waited for\n"
    "  --forget       it will send no more: retention waits no longer\n"
    "\n"
    "Look at it with `SELECT * FROM linewright.sample` (a row per sample) and\n"
    "`linewright.event` (a row per record).\n"
    "\n"
    "exit code: 0 all sent, 2 usage, 3 database or server refused\n"
    "\n"
    "example:\n"
    "  linewright forward --db linewright.db --to \"dbname=plant\" --follow\n";

// A server that is gone is asked again after as long, doubled each time.
#define WAIT_S 1
#define WAIT_MAX_S 30

static volatile sig_atomic_t must_end;

static void on_signal(int signo) {
  (void)signo;
  must_end = 1;
}

// Not restarted: a sleep ends at once.
static void watch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

static void rest(int seconds) {
  struct timespec time = {.tv_sec = seconds};
  nanosleep(&time, NULL);
}

static int has_news(const lw_forward_stats *s) {
  return s->runs || s->records || s->seals || s->chunks;
}

static void tell(const lw_forward_stats *s, int64_t took_ns) {
  printf("sent %lld runs, %lld records, %lld seals, %lld chunks (%lld points) "
         "in %.2f s",
         (long long)s->runs, (long long)s->records, (long long)s->seals,
         (long long)s->chunks, (long long)s->points, (double)took_ns * 1e-9);
  if (s->points)
    printf(", %.2f M points/s", (double)s->points / (double)took_ns * 1e3);
  printf("\n");
  fflush(stdout);
}

// Send until there is nothing new; with is_following until a signal comes.
static int send_all(const lw_forward_config *c, int is_following, int *is_up,
                    lw_err *e) {
  lw_forward *f;
  int rc = lw_forward_open(&f, c, e);
  int is_again = is_following;
  for (int first = 1; rc == 0 && (first || (is_again && !must_end));
       first = 0) {
    lw_forward_stats sent;
    int64_t from_ns = lw_now_ns(lw_clock_real());
    *is_up = 1;
    rc = lw_forward_step(f, &sent, e);
    if (has_news(&sent) || (rc == 0 && !is_following))
      tell(&sent, lw_now_ns(lw_clock_real()) - from_ns);
    if (rc == 0 && is_following && !must_end)
      rest(1);
  }
  lw_forward_close(f);
  return rc;
}

// Only the server's absence passes by itself, which at the machine's start may
// be later up than we; and, once it has worked, what our own last connection
// still holds there.
static int is_passing(const lw_err *e, int was_up) {
  int is_servers = strncmp(e->text, "PostgreSQL", 10) == 0;
  return was_up ? e->code == LW_E_IO || e->code == LW_E_STATE
                : e->code == LW_E_IO && is_servers;
}

static int follow(const lw_forward_config *c, lw_err *e) {
  int wait_s = WAIT_S, rc = 0;
  for (int was_up = 0; !must_end;) {
    int is_up = 0;
    rc = send_all(c, 1, &is_up, e);
    was_up |= is_up;
    if (rc == 0 || !is_passing(e, was_up))
      break;
    wait_s = is_up ? WAIT_S : wait_s;
    fprintf(stderr, "%s %s; again in %d s\n", lw_err_name(e->code), e->text,
            wait_s);
    rest(wait_s);
    wait_s = 2 * wait_s < WAIT_MAX_S ? 2 * wait_s : WAIT_MAX_S;
  }
  return must_end ? 0 : rc;
}

static int forget(const lw_forward_config *c) {
  lw_err e;
  int n = lw_forward_forget(c, &e);
  if (n > 0) {
    printf("retention waits no longer for this forwarder\n");
    return LW_EXIT_DONE;
  }
  if (n == 0)
    lw_err_set(&e, LW_E_NOTFOUND, "%s was never forwarded to this server%s",
               c->db, c->source ? " by this name" : "; with --as, name it");
  fprintf(stderr, "%s %s\n", lw_err_name(e.code), e.text);
  return LW_EXIT_REFUSED;
}

int lw_cmd_forward(int argc, char **argv) {
  lw_forward_config c = {.db = "linewright.db", .clock = lw_clock_real()};
  int is_following = 0, is_forgetting = 0, is_up;
  lw_err e;
  const lw_option_def defs[] = {{"--db", 's', &c.db},
                                {"--to", 's', &c.conninfo},
                                {"--as", 's', &c.source},
                                {"--follow", 'f', &is_following},
                                {"--forget", 'f', &is_forgetting},
                                {NULL, 0, NULL}};
  if (!lw_options_parse("forward", argc, argv, defs))
    return LW_EXIT_USAGE;
  if (!c.conninfo) {
    fprintf(stderr, "linewright forward: where to? --to CONNINFO is missing\n");
    return LW_EXIT_USAGE;
  }
  if (is_forgetting)
    return forget(&c);
  watch_signals();
  int rc = is_following ? follow(&c, &e) : send_all(&c, 0, &is_up, &e);
  if (rc == 0)
    return LW_EXIT_DONE;
  fprintf(stderr, "%s %s\n", lw_err_name(e.code), e.text);
  return LW_EXIT_REFUSED;
}
