// What an interposed connect costs: connect CONTROL ADDRESS [BLOCKED ADDRESS]...
// Connects a UDP socket to ADDRESS again and again, in short batches by libc's own connect and by the one that a program
// gets, so that whatever else the machine does hits both. Prints nanoseconds per call, `libc N called N`: of the batch that
// nine in ten take longer than, since what comes between only ever adds.
// Then, where the kernel lets a program count them, the instructions of a call outside of the kernel: no noise is in them.
// CONTROL is `alone` when both must be the same function, else `interposed`. A TCP connect to BLOCKED must be refused.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 1024, WARMING = 64, CALLS = 100, PORT = 9 };

typedef int (*connect_function)(int, const struct sockaddr *, socklen_t);

struct destination {
  struct sockaddr_storage address;
  socklen_t length;
};

static void end(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static struct destination destination_of(const char *text) {
  struct destination to = {.length = 0};
  struct sockaddr_in *in = (struct sockaddr_in *)&to.address;
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to.address;
  if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
    in->sin_family = AF_INET;
    in->sin_port = htons(PORT);
    to.length = sizeof *in;
  } else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(PORT);
    to.length = sizeof *in6;
  } else {
    end(text, "no IPv4 or IPv6 address");
  }
  return to;
}

static int socket_for(const struct destination *to, int type) {
  int made = socket(to->address.ss_family, type, 0);
  if (made < 0) end("socket", strerror(errno));
  return made;
}

/** Otherwise what is measured would not be the tables that were meant. */
static void expect_refusal(const char *text) {
  struct destination to = destination_of(text);
  int tcp = socket_for(&to, SOCK_STREAM);
  if (connect(tcp, (struct sockaddr *)&to.address, to.length) == 0) end(text, "connected, and should be refused");
  if (errno != ECONNREFUSED) end(text, strerror(errno));
  close(tcp);
}

static double batch_ns(connect_function call, int udp, const struct destination *to) {
  struct timespec start, stop;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < CALLS; i++) {
    if (call(udp, (const struct sockaddr *)&to->address, to->length) != 0) end("connect", strerror(errno));
  }
  clock_gettime(CLOCK_MONOTONIC, &stop);
  return ((double)(stop.tv_sec - start.tv_sec) * 1e9 + (double)(stop.tv_nsec - start.tv_nsec)) / CALLS;
}

/** Of one call, the loop around it included; negative when they cannot be counted. */
static double instructions(connect_function call, int udp, const struct destination *to) {
  struct perf_event_attr what = {.type = PERF_TYPE_HARDWARE, .size = sizeof what, .config = PERF_COUNT_HW_INSTRUCTIONS};
  what.disabled = what.exclude_kernel = what.exclude_hv = 1;
  int counter = (int)syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
  uint64_t count = 0;
  if (counter < 0) return -1;
  ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
  batch_ns(call, udp, to);
  ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
  if (read(counter, &count, sizeof count) != sizeof count || count == 0) return -1;
  close(counter);
  return (double)count / CALLS;
}

static int compare(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double undisturbed(double values[BATCHES]) {
  qsort(values, BATCHES, sizeof *values, compare);
  return values[BATCHES / 10];
}

int main(int count, char **words) {
  if (count < 3) end("connect", "expected: alone|interposed ADDRESS [BLOCKED ADDRESS]...");
  void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (libc == NULL) end("libc.so.6", "not loaded: this needs glibc");
  connect_function ways[2] = {(connect_function)dlsym(libc, "connect"), (connect_function)dlsym(RTLD_DEFAULT, "connect")};
  if ((ways[0] == ways[1]) != (strcmp(words[1], "alone") == 0)) end(words[1], "not so: look at LD_PRELOAD");
  for (int i = 3; i < count; i++) expect_refusal(words[i]);
  struct destination to = destination_of(words[2]);
  int udp = socket_for(&to, SOCK_DGRAM);
  static double ns[2][BATCHES];
  for (int batch = -WARMING; batch < BATCHES; batch++) {
    // Every other time the other one first.
    for (int turn = 0; turn < 2; turn++) {
      int way = (turn + batch) & 1;
      double took = batch_ns(ways[way], udp, &to);
      if (batch >= 0) ns[way][batch] = took;
    }
  }
  printf("libc %.1f called %.1f\n", undisturbed(ns[0]), undisturbed(ns[1]));
  double counted[2] = {instructions(ways[0], udp, &to), instructions(ways[1], udp, &to)};
  if (counted[0] >= 0) printf("instructions libc %.1f called %.1f\n", counted[0], counted[1]);
  return 0;
}
