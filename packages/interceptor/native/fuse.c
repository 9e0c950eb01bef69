#include "fuse.h"

#include <time.h>

#include "sys.h"

static uint64_t from_ms;
static uint64_t until_ms;
/** By the clock that nobody sets: a wall clock that is put back must not make the fault longer. */
static uint64_t until_uptime_ms;
static bool is_over;

static uint64_t clock_ms(clockid_t clock) {
  struct timespec now = {0, 0};
  sys3(clock, at(&now), 0, SYS_clock_gettime);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t uptime_ms(void) {
  return clock_ms(CLOCK_BOOTTIME);
}

bool fuse_light(uint64_t from, uint64_t until) {
  from_ms = from * 1000;
  if (until == 0) return true;
  uint64_t now = clock_ms(CLOCK_REALTIME);
  until_ms = until * 1000;
  if (now >= until_ms) return false;
  until_uptime_ms = uptime_ms() + (until_ms - now);
  return true;
}

bool fuse_is_burning(void) {
  if ((from_ms | until_ms) == 0) return true;
  if (__atomic_load_n(&is_over, __ATOMIC_RELAXED)) return false;
  uint64_t now = clock_ms(CLOCK_REALTIME);
  bool over = until_ms != 0 && (now >= until_ms || uptime_ms() >= until_uptime_ms);
  if (over) __atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
  return !over && now >= from_ms;
}

uint64_t fuse_left_ms(void) {
  if (until_ms == 0) return 0;
  uint64_t now = uptime_ms();
  return now < until_uptime_ms ? until_uptime_ms - now : 1;
}
