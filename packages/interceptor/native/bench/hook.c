// What a call costs in a Go program with the hook in it: hook ADDRESS REFUSED...
// Makes calls in short batches by Go's function, in which the hook was put, and by one that differs in a `nop`, so that whatever
// else the machine does hits both. Prints nanoseconds per call, `WHAT plain N hooked N`: of the batch that nine in ten take longer
// than. A TCP connect to each REFUSED must be refused.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 1024, WARMING = 64, CALLS = 100, PORT = 9 };

// What Go's linker says of itself, and the two functions. Source: runtime/internal/syscall of Go 1.19.
__asm__(".section .go.buildinfo, \"aw\", @progbits\n"
        ".balign 16\n"
        ".ascii \"\\377 Go buildinf:\"\n"
        ".byte 8, 2\n"
        ".zero 16\n"
        ".byte 8\n"
        ".ascii \"go1.19.8\"\n"
        ".byte 0\n"
        ".text\n"
        ".macro syscall6 name, between\n"
        "\\name:\n"
        ".byte 0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce, 0x48, 0x89, 0xdf\n"
        "\\between\n"
        ".byte 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, 0x76, 0x15, 0x48, 0xf7, 0xd8, 0x48, 0x89, 0xc1\n"
        ".byte 0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff, 0x48, 0xc7, 0xc3, 0x00, 0x00, 0x00, 0x00, 0xc3\n"
        ".byte 0x48, 0x89, 0xd3, 0x48, 0xc7, 0xc1, 0x00, 0x00, 0x00, 0x00, 0xc3\n"
        ".balign 64\n"
        ".endm\n"
        ".balign 64\n"
        "syscall6 hooked\n"
        "syscall6 plain, nop\n");
extern char hooked[], plain[];

static long make(const char *function, long number, long a, long b, long c) {
  register long rax __asm__("rax") = number;
  register long rbx __asm__("rbx") = a;
  register long rcx __asm__("rcx") = b;
  register long rdi __asm__("rdi") = c;
  __asm__ volatile("call *%4"
                   : "+r"(rax), "+r"(rbx), "+r"(rcx), "+r"(rdi)
                   : "r"(function)
                   : "rsi", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
  return rcx != 0 ? -rcx : rax;
}

static void end(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static struct sockaddr_in address_in(const char *text) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  if (inet_pton(AF_INET, text, &in.sin_addr) != 1) end(text, "no IPv4 address");
  return in;
}

/** Otherwise what is measured would not be the tables that were meant. */
static void expect_refusal(const char *text) {
  struct sockaddr_in to = address_in(text);
  int tcp = socket(AF_INET, SOCK_STREAM, 0);
  long result = make(hooked, SYS_connect, tcp, (long)&to, sizeof to);
  if (result != -ECONNREFUSED) end(text, result == 0 ? "connected, and should be refused" : strerror((int)-result));
  close(tcp);
}

struct what {
  const char *name;
  long number, a, b, c;
};

static double batch_ns(const char *function, const struct what *what) {
  struct timespec start, stop;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < CALLS; i++) {
    if (make(function, what->number, what->a, what->b, what->c) < 0) end(what->name, "failed");
  }
  clock_gettime(CLOCK_MONOTONIC, &stop);
  return ((double)(stop.tv_sec - start.tv_sec) * 1e9 + (double)(stop.tv_nsec - start.tv_nsec)) / CALLS;
}

static int compare(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double undisturbed(double values[BATCHES]) {
  qsort(values, BATCHES, sizeof *values, compare);
  return values[BATCHES / 10];
}

static void measure(const struct what *what) {
  static double ns[2][BATCHES];
  for (int batch = -WARMING; batch < BATCHES; batch++) {
    // Every other time the other one first.
    for (int turn = 0; turn < 2; turn++) {
      int way = (turn + batch) & 1;
      double took = batch_ns(way == 0 ? plain : hooked, what);
      if (batch >= 0) ns[way][batch] = took;
    }
  }
  double without = undisturbed(ns[0]), with = undisturbed(ns[1]);
  printf("%s plain %.1f hooked %.1f\n", what->name, without, with);
}

int main(int count, char **words) {
  char byte = 0;
  if (count < 2) end("hook", "expected: ADDRESS [REFUSED ADDRESS]...");
  struct sockaddr_in to = address_in(words[1]);
  for (int i = 2; i < count; i++) expect_refusal(words[i]);
  int nothing = open("/dev/null", O_RDWR), udp = socket(AF_INET, SOCK_DGRAM, 0);
  const struct what all[] = {
      {"read", SYS_read, nothing, (long)&byte, 1},
      {"write", SYS_write, nothing, (long)&byte, 1},
      {"connect", SYS_connect, udp, (long)&to, sizeof to},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) measure(&all[i]);
  return 0;
}
