// steps STEP...: does what each argument says, in order, and writes for each what came of it, a tab, and milliseconds.
// Sockets have names of one letter. An errno is said by its name, success as "ok".
#include "steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static int sockets[128];
static char said[8192];

const char *name_of(int number) {
  static const struct {
    int number;
    const char *name;
  } names[] = {
      {0, "ok"},           {ECONNREFUSED, "ECONNREFUSED"}, {ETIMEDOUT, "ETIMEDOUT"}, {EINPROGRESS, "EINPROGRESS"},
      {EALREADY, "EALREADY"}, {EISCONN, "EISCONN"},        {EINTR, "EINTR"},         {EAGAIN, "EAGAIN"},
      {EBADF, "EBADF"},    {ECONNABORTED, "ECONNABORTED"}, {EPIPE, "EPIPE"},         {ENOTCONN, "ENOTCONN"},
      {ENOENT, "ENOENT"},  {EXDEV, "EXDEV"},               {ENETUNREACH, "ENETUNREACH"},
  };
  static char other[32];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (names[i].number == number) return names[i].name;
  }
  snprintf(other, sizeof other, "errno %d", number);
  return other;
}

static const char *outcome(long result) {
  return name_of(result < 0 ? errno : 0);
}

struct to read_to(const char *text) {
  struct to to = {.size = 0};
  char host[128];
  snprintf(host, sizeof host, "%s", text + (text[0] == '['));
  if (strncmp(text, "unix:", 5) == 0) {
    struct sockaddr_un *un = (struct sockaddr_un *)&to.bytes;
    un->sun_family = AF_UNIX;
    snprintf(un->sun_path, sizeof un->sun_path, "%s", text + 5);
    to.size = sizeof *un;
    return to;
  }
  char *port = strrchr(host, ':');
  *port++ = 0;
  if (text[0] == '[') {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to.bytes;
    port[-2] = 0;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons((uint16_t)atoi(port));
    if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1) abort();
    to.size = sizeof *in6;
  } else {
    struct sockaddr_in *in = (struct sockaddr_in *)&to.bytes;
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)atoi(port));
    if (inet_pton(AF_INET, host, &in->sin_addr) != 1) abort();
    to.size = sizeof *in;
  }
  return to;
}

/** socket S 4|6|unix tcp|udp|mptcp [nonblock] */
static const char *step_socket(char **words) {
  int family = strcmp(words[2], "4") == 0 ? AF_INET : strcmp(words[2], "6") == 0 ? AF_INET6 : AF_UNIX;
  int type = strcmp(words[3], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
  int protocol = strcmp(words[3], "mptcp") == 0 ? IPPROTO_MPTCP : 0;
  if (words[4] != NULL) type |= SOCK_NONBLOCK;
  int fd = socket(family, type | SOCK_CLOEXEC, protocol);
  sockets[(int)words[1][0]] = fd;
  return outcome(fd);
}

static const char *flags_of(unsigned events) {
  snprintf(said, sizeof said, "%s%s%s%s", events & POLLIN ? "IN " : "", events & POLLOUT ? "OUT " : "",
           events & POLLERR ? "ERR " : "", events & POLLHUP ? "HUP " : "");
  if (said[0] == 0) return "nothing";
  said[strlen(said) - 1] = 0;
  return said;
}

/** edge S MS: what an edge-triggered epoll reports once; a second wait must report nothing. */
static const char *step_edge(int fd, int ms) {
  struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
  int set = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0) return outcome(-1);
  event.events = 0;
  epoll_wait(set, &event, 1, ms);
  unsigned first = event.events;
  int again = epoll_wait(set, &event, 1, 0);
  close(set);
  return again > 0 ? "twice" : flags_of(first);
}

/** fastopen S HOW ADDRESS: connects by sending. */
static const char *step_fastopen(int fd, const char *how, const char *address) {
  struct to to = read_to(address);
  struct iovec part = {.iov_base = "GET / HTTP/1.0\r\n\r\n", .iov_len = 18};
  struct mmsghdr messages = {
      .msg_hdr = {.msg_name = &to.bytes, .msg_namelen = to.size, .msg_iov = &part, .msg_iovlen = 1}};
  if (strcmp(how, "sendmsg") == 0) return outcome(sendmsg(fd, &messages.msg_hdr, MSG_FASTOPEN));
  if (strcmp(how, "sendmmsg") == 0) return outcome(sendmmsg(fd, &messages, 1, MSG_FASTOPEN));
  return outcome(sendto(fd, part.iov_base, part.iov_len, MSG_FASTOPEN, (struct sockaddr *)&to.bytes, to.size));
}

/** option S NAME [VALUE]: sets it, or says its value. */
static const char *step_option(int fd, const char *name, const char *value) {
  if (strcmp(name, "interface") == 0) return outcome(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, value, 3));
  int number = value == NULL ? 0 : atoi(value), got = -1;
  socklen_t size = sizeof got;
  struct timeval limit = {.tv_sec = number / 1000, .tv_usec = number % 1000 * 1000};
  if (strcmp(name, "sndtimeo") == 0) return outcome(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
  if (strcmp(name, "v6only") == 0) return outcome(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &number, sizeof number));
  int option = strcmp(name, "fastopen-connect") == 0 ? TCP_FASTOPEN_CONNECT : TCP_USER_TIMEOUT;
  if (value != NULL) return outcome(setsockopt(fd, IPPROTO_TCP, option, &number, sizeof number));
  if (getsockopt(fd, IPPROTO_TCP, option, &got, &size) < 0) return outcome(-1);
  snprintf(said, sizeof said, "%d", got);
  return said;
}

/** burst COUNT ADDRESS: connects COUNT sockets, one after the other; a letter for each: C connected, R refused, else ?. */
static const char *step_burst(int count, const char *address) {
  struct to to = read_to(address);
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  for (int i = 0; i < count; i++) {
    int fd = socket(to.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result = connect(fd, (struct sockaddr *)&to.bytes, to.size);
    said[i] = result == 0 ? 'C' : errno == ECONNREFUSED ? 'R' : '?';
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
  }
  said[count] = 0;
  return said;
}

static const char *step_connect(int fd, const char *address) {
  struct to to = read_to(address);
  errno = EXDEV;
  int result = connect(fd, (struct sockaddr *)&to.bytes, to.size);
  if (result == 0 && errno != EXDEV) return "ok, but errno is another";
  return outcome(result);
}

static const char *step_bind(int fd, const char *address) {
  struct to to = read_to(address);
  return outcome(bind(fd, (struct sockaddr *)&to.bytes, to.size));
}

static const char *step(char **words) {
  const char *what = words[0];
  int fd = words[1] == NULL ? -1 : sockets[(int)words[1][0]];
  int error = 0;
  socklen_t size = sizeof error;
  if (strcmp(what, "socket") == 0) return step_socket(words);
  if (strcmp(what, "connect") == 0) return step_connect(fd, words[2]);
  if (strcmp(what, "bind") == 0) return step_bind(fd, words[2]);
  if (strcmp(what, "poll") == 0) {
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    poll(&one, 1, atoi(words[2]));
    return flags_of((unsigned)one.revents);
  }
  if (strcmp(what, "edge") == 0) return step_edge(fd, atoi(words[2]));
  if (strcmp(what, "error") == 0) {
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? outcome(-1) : name_of(error);
  }
  if (strcmp(what, "close") == 0) return outcome(close(fd));
  if (strcmp(what, "fastopen") == 0) return step_fastopen(fd, words[2], words[3]);
  if (strcmp(what, "option") == 0) return step_option(fd, words[2], words[3]);
  if (strcmp(what, "burst") == 0) return step_burst(atoi(words[1]), words[2]);
  if (strcmp(what, "lookup") == 0) return step_lookup(words[1], words[2]);
  if (strcmp(what, "query") == 0) return step_query(fd, words[2], words[3], words[4]);
  if (strcmp(what, "answer") == 0) return step_answer(fd, words[2]);
  if (strcmp(what, "read-file") == 0) {
    char byte;
    int file = open(words[2], O_RDONLY | O_CLOEXEC);
    sockets[(int)words[1][0]] = file;
    return outcome(read(file, &byte, 1));
  }
  if (strcmp(what, "bad") == 0) return step_bad(fd, words);
  return step_process(what, words[1]);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    char *words[8] = {NULL};
    int count = 0;
    for (char *word = strtok(argv[i], " "); word != NULL && count < 7; word = strtok(NULL, " ")) words[count++] = word;
    double started = now();
    const char *result = step(words);
    printf("%s\t%.0f\n", result, now() - started);
    fflush(stdout);
  }
  return 0;
}
