// System calls without libc: libc's own set errno and may be interposed.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "truth.h"

/** The system call `number`; answers what the kernel does: a result, or -errno. */
__attribute__((noinline)) long sys6(long a, long b, long c, long d, long e, long f, long number);

/** The same with at most three arguments. The number stands last, so that the arguments are where the kernel wants them. */
__attribute__((noinline)) long sys3(long a, long b, long c, long number);

/** One of the calls about signals: its third argument but one is followed by the size of a set. */
long signal_call(long a, const void *b, void *c, long number);

/** Whether one of these events of poll(2) is there, or comes within these seconds. */
bool is_ready(long descriptor, short events, long seconds);

long own_process(void);
void close_descriptor(long descriptor);

/** What a system call takes for a pointer. */
static inline long at(const void *pointer) {
  return (long)(intptr_t)pointer;
}
