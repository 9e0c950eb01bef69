#include "sys.h"

#include <poll.h>
#include <time.h>

#if defined(__x86_64__)

long sys6(long a, long b, long c, long d, long e, long f, long number) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

long sys3(long a, long b, long c, long number) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

long sys6(long a, long b, long c, long d, long e, long f, long number) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

long sys3(long a, long b, long c, long number) {
  return sys6(a, b, c, 0, 0, 0, number);
}

#else
#error "x86_64 and aarch64 only"
#endif

long own_process(void) {
  return sys3(0, 0, 0, SYS_getpid);
}

void close_descriptor(long descriptor) {
  sys3(descriptor, 0, 0, SYS_close);
}

long signal_call(long a, const void *b, void *c, long number) {
  return sys6(a, at(b), at(c), 8, 0, 0, number);
}

bool is_ready(long descriptor, short events, long seconds) {
  struct pollfd waiting = {.fd = (int)descriptor, .events = events};
  struct timespec patience = {seconds, 0};
  return sys6(at(&waiting), 1, at(&patience), 0, 8, 0, SYS_ppoll) == 1 && (waiting.revents & events) != 0;
}
