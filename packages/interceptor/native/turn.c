#include "turn.h"

#include <time.h>

#include "sys.h"

enum { PAUSE_NS = 50000 };

bool turn_take(uint64_t *turn) {
  uint64_t process = (uint64_t)own_process();
  uint64_t me = process << 32 | (uint64_t)sys3(0, 0, 0, SYS_gettid);
  struct timespec pause = {0, PAUSE_NS};
  for (;;) {
    uint64_t holder = __atomic_load_n(turn, __ATOMIC_RELAXED);
    if (holder == me) return false;
    bool is_free = holder == 0 || holder >> 32 != process;
    if (is_free && __atomic_compare_exchange_n(turn, &holder, me, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return true;
    if (!is_free) sys3(at(&pause), 0, 0, SYS_nanosleep);
  }
}

void turn_give(uint64_t *turn) {
  __atomic_store_n(turn, 0, __ATOMIC_RELEASE);
}
