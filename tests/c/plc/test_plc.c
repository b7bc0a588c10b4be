// The PLC simulator as a program, spoken to by libmodbus as a plain client.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <modbus.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct process {
  pid_t pid;
  int port;
  modbus_t *bus;
  char ledger[64];
} process;

static void connect_to(process *p) {
  p->bus = modbus_new_tcp("127.0.0.1", p->port);
  modbus_set_slave(p->bus, 1);
  modbus_set_response_timeout(p->bus, 5, 0);
  assert_int_equal(modbus_connect(p->bus), 0);
}

// The program lies beside this test.
static void start(process *p, const char *option, const char *value) {
  char path[512], port[32];
  int out[2];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
  assert_true(n > 0);
  path[n] = '\0';
  strcpy(strrchr(path, '/'), "/plc_line_b");
  *p = (process){.pid = 0};
  strcpy(p->ledger, "/tmp/test_plc_XXXXXX");
  close(mkstemp(p->ledger));
  assert_int_equal(pipe(out), 0);
  p->pid = fork();
  if (p->pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out[1], 1);
    execl(path, path, "--port", "0", "--ledger", p->ledger, option, value,
          (char *)NULL);
    _exit(127);
  }
  close(out[1]);
  n = read(out[0], port, sizeof port - 1);
  FILE *f = fdopen(out[0], "r");
  char line[128] = "";
  assert_true(n > 0);
  memcpy(line, port, (size_t)n);
  if (!strchr(line, '\n'))
    assert_non_null(fgets(line + n, (int)(sizeof line - (size_t)n), f));
  fclose(f);
  p->port = atoi(strrchr(line, ':') + 1);
  connect_to(p);
}

// Ends the program politely; its ledger's text into buf.
static void stop(process *p, char *buf, size_t size) {
  int status;
  kill(p->pid, SIGTERM);
  assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  modbus_close(p->bus);
  modbus_free(p->bus);
  FILE *f = fopen(p->ledger, "r");
  size_t n = fread(buf, 1, size - 1, f);
  buf[n] = '\0';
  fclose(f);
  unlink(p->ledger);
}

static int holding(process *p, int number) {
  uint16_t word = 0;
  assert_int_equal(modbus_read_registers(p->bus, number - 40001, 1, &word), 1);
  return word;
}

static int input(process *p, int number) {
  uint16_t word = 0;
  assert_int_equal(
      modbus_read_input_registers(p->bus, number - 30001, 1, &word), 1);
  return (int16_t)word;
}

static void put(process *p, int number, int count) {
  assert_int_equal(
      modbus_write_register(p->bus, number - 40001, (uint16_t)count), 1);
}

static void stands_cold_and_quiet_after_power_up(void **state) {
  (void)state;
  process p;
  char ledger[4096];
  start(&p, "--seed", "3");
  assert_int_equal(holding(&p, 40011), 0);
  assert_int_equal(holding(&p, 40101), 250);
  assert_true(abs(input(&p, 30107) - 250) < 5);
  assert_int_equal(input(&p, 30201), 0);
  stop(&p, ledger, sizeof ledger);
  assert_non_null(strstr(ledger, " start port "));
  assert_non_null(strstr(ledger, " client on (1)"));
  assert_non_null(strstr(ledger, " end\n"));
}

static void assert_refused(int rc, int code) {
  assert_int_equal(rc, -1);
  assert_int_equal(errno, code);
}

static void refuses_what_its_list_does_not_name(void **state) {
  (void)state;
  process p;
  char ledger[4096];
  uint16_t words[20];
  uint8_t bits[4];
  start(&p, "--seed", "3");
  assert_refused(modbus_read_registers(p.bus, 0, 1, words), EMBXILADD);
  assert_refused(modbus_read_registers(p.bus, 10, 11, words), EMBXILADD);
  assert_refused(modbus_read_bits(p.bus, 15, 2, bits), EMBXILADD);
  assert_refused(modbus_write_register(p.bus, 10, 1251), EMBXILVAL);
  assert_refused(modbus_report_slave_id(p.bus, 20, (uint8_t *)words),
                 EMBXILFUN);
  assert_int_equal(holding(&p, 40011), 0);
  modbus_set_slave(p.bus, 2);
  assert_refused(modbus_read_registers(p.bus, 10, 1, words), EMBXGTAR);
  stop(&p, ledger, sizeof ledger);
}

static void writes_move_the_plant(void **state) {
  (void)state;
  process p;
  char ledger[4096];
  start(&p, "--thermal-lapse", "300");
  uint16_t hot[7] = {700, 800, 900, 1100, 900, 800, 600};
  assert_int_equal(modbus_write_registers(p.bus, 100, 7, hot), 7);
  put(&p, 40011, 984);
  assert_int_equal(modbus_write_bit(p.bus, 16, 1), 1);
  usleep(300 * 1000);
  assert_int_equal(holding(&p, 40011), 984);
  assert_true(input(&p, 30011) > 0);
  assert_true(input(&p, 30104) > 300);
  stop(&p, ledger, sizeof ledger);
  assert_non_null(strstr(ledger, " write 40104 250 1100\n"));
  assert_non_null(strstr(ledger, " write 40011 0 984\n"));
  assert_non_null(strstr(ledger, " write 00017 0 1\n"));
}

static void drops_its_outputs_when_the_host_falls_silent(void **state) {
  (void)state;
  process p;
  char ledger[4096];
  uint8_t dropped = 0;
  start(&p, "--seed", "3");
  put(&p, 40021, 1000);
  usleep(1200 * 1000);
  assert_int_equal(holding(&p, 40021), 1000); // not watched before a beat
  put(&p, 40900, 1);
  for (int i = 2; i < 8; i++) {
    usleep(250 * 1000);
    put(&p, 40900, i);
  }
  assert_int_equal(holding(&p, 40021), 1000);
  for (int i = 0; i < 30 && !dropped; i++) {
    usleep(100 * 1000);
    put(&p, 40900, 7); // the same number is no sign of life
    modbus_read_input_bits(p.bus, 1, 1, &dropped);
  }
  assert_int_equal(dropped, 1);
  assert_int_equal(holding(&p, 40021), 0);
  assert_int_equal(holding(&p, 40101), 250);
  put(&p, 40900, 8);
  put(&p, 40021, 500);
  usleep(100 * 1000);
  modbus_read_input_bits(p.bus, 1, 1, &dropped);
  assert_int_equal(dropped, 0);
  assert_int_equal(holding(&p, 40021), 500);
  stop(&p, ledger, sizeof ledger);
  assert_non_null(strstr(ledger, " drop host silent for 1."));
  assert_non_null(strstr(ledger, " arm\n"));
}

static void serves_others_while_one_client_stalls(void **state) {
  (void)state;
  process p, stalled;
  char ledger[4096];
  start(&p, "--seed", "3");
  stalled = p;
  connect_to(&stalled);
  const uint8_t half[] = {0, 1, 0, 0, 0};
  assert_int_equal(write(modbus_get_socket(stalled.bus), half, sizeof half),
                   sizeof half);
  for (int i = 0; i < 50; i++)
    assert_int_equal(holding(&p, 40011), 0);
  modbus_close(stalled.bus);
  modbus_free(stalled.bus);
  stop(&p, ledger, sizeof ledger);
}

static void falls_silent_as_if_unplugged(void **state) {
  (void)state;
  process p;
  char ledger[4096];
  uint16_t word;
  start(&p, "--lost-after", "0.5");
  usleep(700 * 1000);
  modbus_set_response_timeout(p.bus, 0, 300000);
  assert_refused(modbus_read_registers(p.bus, 10, 1, &word), ETIMEDOUT);
  stop(&p, ledger, sizeof ledger);
  assert_non_null(strstr(ledger, " silent\n"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stands_cold_and_quiet_after_power_up),
      cmocka_unit_test(refuses_what_its_list_does_not_name),
      cmocka_unit_test(writes_move_the_plant),
      cmocka_unit_test(drops_its_outputs_when_the_host_falls_silent),
      cmocka_unit_test(serves_others_while_one_client_stalls),
      cmocka_unit_test(falls_silent_as_if_unplugged),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
