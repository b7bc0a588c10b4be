// Timer events per second: each event is taken from the heap and asked for
// again at a random later time, as periodic work in virtual time does.
// Goal: at least 5 M/s with 100 timers, 1 M/s with 100,000.
#include <stdio.h>
#include <stdlib.h>

#include "loop/clock.h"
#include "loop/heap.h"

static uint64_t next_random(uint64_t *s) {
  *s = *s * 6364136223846793005u + 1442695040888963407u;
  return *s >> 33;
}

static int64_t fire(lw_heap *h, uint64_t *seed, int64_t events) {
  int64_t sum = 0;
  for (int64_t i = 0; i < events; i++) {
    lw_event e;
    if (lw_heap_pop(h, &e) < 0)
      abort();
    sum += e.due_ns;
    if (lw_heap_push(h, e.due_ns + 1 + (int64_t)(next_random(seed) % 1000000),
                     e.id) < 0)
      abort();
  }
  return sum;
}

static double measure(size_t timers, int64_t events) {
  uint64_t seed = 1;
  lw_heap h;
  lw_heap_init(&h);
  for (size_t i = 0; i < timers; i++)
    if (lw_heap_push(&h, (int64_t)(next_random(&seed) % 1000000), i) < 0)
      abort();
  volatile int64_t sink = fire(&h, &seed, events / 10); // warm up
  int64_t begin_ns = lw_now_ns(lw_clock_real());
  sink += fire(&h, &seed, events);
  int64_t took_ns = lw_now_ns(lw_clock_real()) - begin_ns;
  (void)sink;
  lw_heap_fini(&h);
  return (double)events * 1e9 / (double)took_ns;
}

int main(void) {
  const size_t timers[] = {100, 10000, 100000};
  const double goals[] = {5e6, 0, 1e6};
  for (size_t i = 0; i < 3; i++) {
    double rate = measure(timers[i], 5000000);
    printf("%7zu timers  %6.2f M events/s", timers[i], rate / 1e6);
    if (goals[i] > 0)
      printf("   %.1f times the goal of %.0f M/s", rate / goals[i],
             goals[i] / 1e6);
    printf("\n");
  }
  return 0;
}
