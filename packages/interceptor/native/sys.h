// System calls without libc: libc's own set errno and may be interposed.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/** The system call `number`; answers what the kernel does: a result, or -errno. */
__attribute__((noinline)) long sys6(long a, long b, long c, long d, long e, long f, long number);

/** The same with at most three arguments. The number stands last, so that the arguments are where the kernel wants them. */
__attribute__((noinline)) long sys3(long a, long b, long c, long number);

/** What a system call takes for a pointer. */
static inline long at(const void *pointer) {
  return (long)(intptr_t)pointer;
}
