// The steps that change the process around the sockets: its descriptors, its standard error, its time.
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "steps.h"

static char said[64];
static int peer = -1;

static const char *outcome(long result) {
  return name_of(result < 0 ? errno : 0);
}

/** descriptors: how many are open, and how many of them a program would inherit, less the first three. */
static const char *step_descriptors(void) {
  int open = 0, inherited = 0;
  DIR *folder = opendir("/proc/self/fd");
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    int fd = atoi(entry->d_name);
    if (fd < 3 || fd == dirfd(folder)) continue;
    open++;
    if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) inherited++;
  }
  closedir(folder);
  snprintf(said, sizeof said, "%d open, %d inherited", open, inherited);
  return said;
}

/** close-all: what a program does that knows none of its descriptors but the first three. */
static const char *step_close_all(void) {
  for (int fd = 3; fd < 1024; fd++) close(fd);
  return "ok";
}

/** Connects descriptor 2, which is free, to a listener of our own. */
static const char *connect_2(void) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof in;
  int fd = socket(AF_INET, SOCK_STREAM, 0), listener = socket(AF_INET, SOCK_STREAM, 0);
  bind(listener, (struct sockaddr *)&in, size);
  listen(listener, 1);
  getsockname(listener, (struct sockaddr *)&in, &size);
  if (fd != 2 || connect(fd, (struct sockaddr *)&in, size) < 0) return outcome(-1);
  peer = accept(listener, NULL, NULL);
  return outcome(peer);
}

/** peer: what came to the other end of the connection that descriptor 2 is. */
static const char *step_peer(void) {
  ssize_t got = recv(peer, said, sizeof said, MSG_DONTWAIT);
  return got < 0 ? outcome(-1) : "something";
}

/** stderr closed|broken|full|broken-socket|full-socket|connection: makes of descriptor 2 what cannot be written to. */
static const char *step_stderr(const char *how) {
  int ends[2];
  static char filling[65536];
  close(2);
  if (strcmp(how, "closed") == 0) return "ok";
  if (strcmp(how, "connection") == 0) return connect_2();
  bool is_socket = strstr(how, "-socket") != NULL;
  if ((is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends)) < 0) return outcome(-1);
  // The lower end is 2 now, and it is the one for reading.
  int writing = ends[1], reading = dup(ends[0]);
  dup2(writing, 2);
  close(writing);
  if (strncmp(how, "broken", 6) == 0) return outcome(close(reading));
  fcntl(2, F_SETFL, O_NONBLOCK);
  while (write(2, filling, sizeof filling) > 0) continue;
  while (write(2, filling, 1) > 0) continue;
  return outcome(fcntl(2, F_SETFL, 0));
}

static void no_more(int signal) {
  (void)signal;
}

/** alarm MS: interrupts whatever is being waited for then. */
static const char *step_alarm(int ms) {
  struct sigaction action = {.sa_handler = no_more};
  struct itimerval timer = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};
  sigaction(SIGALRM, &action, NULL);
  return outcome(setitimer(ITIMER_REAL, &timer, NULL));
}

/** until SECONDS: comes back a little after that time of the clock on the wall. */
static const char *step_until(const char *seconds) {
  struct timespec end = {.tv_sec = atoll(seconds), .tv_nsec = 20000000};
  while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &end, NULL) == EINTR) continue;
  return "ok";
}

/** fastopen-cookie: makes the kernel know one for 127.0.0.1, so that it sends data with the first packet from then on. */
static const char *step_fastopen_cookie(void) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof in;
  int queue = 5, listener = socket(AF_INET, SOCK_STREAM, 0);
  int setting = open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY);
  if (write(setting, "3", 1) != 1) return outcome(-1);
  setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue);
  bind(listener, (struct sockaddr *)&in, size);
  listen(listener, 5);
  getsockname(listener, (struct sockaddr *)&in, &size);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&in, size) != 1) return outcome(-1);
  int accepted = accept(listener, NULL, NULL);
  ssize_t got = recv(accepted, said, 1, 0);
  close(setting);
  close(listener);
  close(fd);
  close(accepted);
  return outcome(got);
}

/** libc: which one it is, as it says itself. */
static const char *step_libc(void) {
#ifdef __GLIBC__
  return gnu_get_libc_version();
#else
  return "not glibc";
#endif
}

const char *step_process(const char *what, const char *how) {
  if (strcmp(what, "descriptors") == 0) return step_descriptors();
  if (strcmp(what, "close-all") == 0) return step_close_all();
  if (strcmp(what, "stderr") == 0) return step_stderr(how);
  if (strcmp(what, "peer") == 0) return step_peer();
  if (strcmp(what, "alarm") == 0) return step_alarm(atoi(how));
  if (strcmp(what, "fastopen-cookie") == 0) return step_fastopen_cookie();
  if (strcmp(what, "libc") == 0) return step_libc();
  if (strcmp(what, "until") == 0) return step_until(how);
  return "no such step";
}
