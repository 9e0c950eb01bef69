#include "units.h"

#include <sys/syscall.h>
#include <time.h>

#include "../fuse.h"
#include "../sys.h"

/** What the clocks say; nothing else is asked of the kernel here. */
static uint64_t wall_ms, up_ms;

long sys3(long a, long b, long c, long number) {
  (void)c;
  EXPECT(number == SYS_clock_gettime, "system call %ld", number);
  uint64_t ms = a == CLOCK_REALTIME ? wall_ms : up_ms;
  *(struct timespec *)b = (struct timespec){.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000 * 1000000)};
  return 0;
}

static void set(uint64_t wall, uint64_t up) {
  wall_ms = wall;
  up_ms = up;
}

void test_fuse(void) {
  set(1000000, 5000);
  EXPECT(fuse_light(0, 0) && fuse_is_burning() && fuse_left_ms() == 0, "no end");
  EXPECT(!fuse_light(0, 999) && !fuse_light(0, 1000), "an end that has come");
  // Each of these is a process of its own as far as the fuse is concerned, less what it remembers to be over: that comes last.
  EXPECT(fuse_light(0, 1060) && fuse_is_burning(), "an end in a minute");
  EXPECT(fuse_left_ms() == 60000, "%ju ms left", (uintmax_t)fuse_left_ms());
  set(1059999, 64999);
  EXPECT(fuse_is_burning() && fuse_left_ms() == 1, "%ju ms left", (uintmax_t)fuse_left_ms());
  // Somebody puts the clock on the wall back: the fault is not longer for it.
  set(500000, 64999);
  EXPECT(fuse_is_burning() && fuse_left_ms() == 1, "the clock was put back");
  set(500000, 65000);
  EXPECT(fuse_left_ms() == 1, "a time-out of 0 would be none");
  EXPECT(!fuse_is_burning(), "by the time since the start");
  set(500000, 5000);
  EXPECT(!fuse_is_burning(), "what is over stays over");
}

/** The clock on the wall is put on beyond the end: others hold this for over, too. */
void test_fuse_put_on(void) {
  set(1000000, 5000);
  EXPECT(fuse_light(0, 1060) && fuse_is_burning(), "an end in a minute");
  set(1060000, 5001);
  EXPECT(!fuse_is_burning(), "by the clock on the wall");
}

/** Before the start everything passes; the clock on the wall says when, and it alone. */
void test_fuse_from(void) {
  set(1000000, 5000);
  EXPECT(fuse_light(1010, 0) && !fuse_is_burning(), "a start in ten seconds, and no end");
  EXPECT(fuse_left_ms() == 0, "no end");
  set(1009999, 14999);
  EXPECT(!fuse_is_burning(), "a millisecond early");
  set(1010000, 15000);
  EXPECT(fuse_is_burning(), "the start");
  set(1000000, 5000);
  EXPECT(fuse_light(1010, 1060) && !fuse_is_burning(), "a start in ten seconds, and an end");
  set(1010000, 15000);
  EXPECT(fuse_is_burning() && fuse_left_ms() == 50000, "the start");
  set(1060000, 65000);
  EXPECT(!fuse_is_burning(), "the end");
  set(1020000, 25000);
  EXPECT(!fuse_is_burning(), "what is over stays over");
}

/** A start that lies behind the end: it is over before it begins. */
void test_fuse_never(void) {
  set(1000000, 5000);
  EXPECT(fuse_light(1100, 1060) && !fuse_is_burning(), "not yet");
  set(1060000, 65000);
  EXPECT(!fuse_is_burning(), "over");
  set(1100000, 105000);
  EXPECT(!fuse_is_burning(), "stays over");
}
