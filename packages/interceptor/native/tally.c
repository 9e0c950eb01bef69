#include "tally.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "sys.h"

enum { FIRST_TARGET = 8 };

/** Eight words and one for each target; NULL when there is no file. */
static uint64_t *counters;

static uint32_t target_words(void) {
  return rules.targets > 0 ? rules.targets : 1;
}

static void use(uint64_t *mapped) {
  uint64_t magic;
  __builtin_memcpy(&magic, "UNPLUGT1", sizeof magic);
  if (*mapped == magic) counters = mapped;
}

void tally_open(struct text path) {
  if (path.length == 0 || path.at[0] != '/') return;
  // What ends the value in the text, a separator or nothing, has been read.
  ((char *)path.at)[path.length] = 0;
  long file = sys6(AT_FDCWD, at(path.at), O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0, 0, 0, SYS_openat);
  if (file < 0) return;
  size_t length = (FIRST_TARGET + (size_t)target_words()) * sizeof *counters;
  // A shorter file would end the program by SIGBUS at the first count.
  if (sys3(file, 0, 2 /* SEEK_END */, SYS_lseek) >= (long)length) {
    long mapped = sys6(0, (long)length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0, SYS_mmap);
    if (mapped > 0) use((uint64_t *)(intptr_t)mapped);
  }
  close_descriptor(file);
}

static uint64_t count(uint32_t word) {
  return counters == NULL ? 0 : __atomic_fetch_add(&counters[word], 1, __ATOMIC_RELAXED);
}

uint64_t tally_count(enum tally_counter counter) {
  return count((uint32_t)counter);
}

void tally_blocked(int rule) {
  count(TALLY_BLOCKED);
  count(FIRST_TARGET + (rule == EVERYTHING ? 0 : rules.rule[rule].target));
}
