// c HOW TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless that is 0, and prints a line of
// JSON about it. HOW is the way to connect (blocking, poll, epoll, sendto, sendmsg; the last two are TCP fast open), a
// comma, and the call that looks names up (getaddrinfo, gethostbyname, gethostbyname_r).
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

typedef struct {
  struct sockaddr_storage bytes;
  socklen_t size;
} Address;

static const char *nameOf(int number) {
  static char other[32];
  switch (number) {
  case 0: return "connected";
  case ECONNREFUSED: return "ECONNREFUSED";
  case ETIMEDOUT: return "ETIMEDOUT";
  case EINPROGRESS: return "EINPROGRESS";
  case ENETUNREACH: return "ENETUNREACH";
  case EHOSTUNREACH: return "EHOSTUNREACH";
  }
  snprintf(other, sizeof other, "errno %d", number);
  return other;
}

// Blocking: errno says it all.
static const char *block(int fd, const Address *to, int fastOpen) {
  const char *request = "GET / HTTP/1.0\r\n\r\n";
  long done = fastOpen ? sendto(fd, request, strlen(request), MSG_FASTOPEN, (const struct sockaddr *)&to->bytes, to->size)
                       : connect(fd, (const struct sockaddr *)&to->bytes, to->size);
  return nameOf(done < 0 ? errno : 0);
}

static int startSendmsg(int fd, const Address *to) {
  struct iovec part = {.iov_base = "GET / HTTP/1.0\r\n\r\n", .iov_len = 18};
  struct msghdr message = {.msg_name = (void *)&to->bytes, .msg_namelen = to->size, .msg_iov = &part, .msg_iovlen = 1};
  return sendmsg(fd, &message, MSG_FASTOPEN) < 0 ? errno : 0;
}

// 1 when the descriptor can be written to or has failed, 0 when the limit came first.
static int waitFor(int fd, int limitMs, int edge) {
  if (!edge) {
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    return poll(&one, 1, limitMs > 0 ? limitMs : -1);
  }
  struct epoll_event event = {.events = EPOLLOUT | EPOLLET, .data.fd = fd};
  int set = epoll_create1(EPOLL_CLOEXEC);
  epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
  int ready = epoll_wait(set, &event, 1, limitMs > 0 ? limitMs : -1);
  close(set);
  return ready;
}

// Non-blocking: what the start says, else what SO_ERROR says once the descriptor is ready.
static const char *wait(int fd, const Address *to, int limitMs, const char *how) {
  int edge = strcmp(how, "epoll") == 0;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  int number = strcmp(how, "sendmsg") == 0 ? startSendmsg(fd, to)
               : connect(fd, (const struct sockaddr *)&to->bytes, to->size) < 0 ? errno : 0;
  if (number != EINPROGRESS) return nameOf(number);
  int ready = waitFor(fd, limitMs, edge);
  if (ready <= 0) return edge ? "epoll_wait 0" : "poll 0";
  socklen_t size = sizeof number;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size);
  return nameOf(number);
}

static const char *attempt(const char *how, int limitMs, const Address *to) {
  int fd = socket(to->bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const char *outcome;
  if (strcmp(how, "blocking") == 0 || strcmp(how, "sendto") == 0) {
    struct timeval limit = {.tv_sec = limitMs / 1000, .tv_usec = limitMs % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    outcome = block(fd, to, strcmp(how, "sendto") == 0);
  } else {
    outcome = wait(fd, to, limitMs, how);
  }
  close(fd);
  return outcome;
}

static int add(Address *found, int count, int family, const void *address, const char *port) {
  memset(&found[count], 0, sizeof found[count]);
  if (family == AF_INET) {
    struct sockaddr_in *four = (struct sockaddr_in *)&found[count].bytes;
    four->sin_family = AF_INET;
    four->sin_port = htons(atoi(port));
    memcpy(&four->sin_addr, address, 4);
    found[count].size = sizeof *four;
  } else {
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&found[count].bytes;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(atoi(port));
    memcpy(&six->sin6_addr, address, 16);
    found[count].size = sizeof *six;
  }
  return count + 1;
}

static int byAddrinfo(const char *host, const char *port, Address *found, int room) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
  int count = 0;
  if (getaddrinfo(host, port, &hints, &list) != 0) return 0;
  for (struct addrinfo *one = list; one != NULL && count < room; one = one->ai_next) {
    memcpy(&found[count].bytes, one->ai_addr, one->ai_addrlen);
    found[count++].size = one->ai_addrlen;
  }
  freeaddrinfo(list);
  return count;
}

// The old calls know one family each.
static int byHostent(const char *host, const char *port, Address *found, int room, int reentrant) {
  char buffer[8192];
  struct hostent space, *entry = NULL;
  int number;
  if (!reentrant) {
    entry = gethostbyname(host);
    if (entry == NULL) entry = gethostbyname2(host, AF_INET6);
  } else {
    gethostbyname_r(host, &space, buffer, sizeof buffer, &entry, &number);
    if (entry == NULL) gethostbyname2_r(host, AF_INET6, &space, buffer, sizeof buffer, &entry, &number);
  }
  int count = 0;
  for (char **one = entry == NULL ? NULL : entry->h_addr_list; one != NULL && *one != NULL && count < room; one++)
    count = add(found, count, entry->h_addrtype, *one, port);
  return count;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  static char how[64];
  snprintf(how, sizeof how, "%s", argv[1]);
  char *lookup = strchr(how, ',');
  *lookup++ = '\0';
  for (int i = 2; i + 1 < argc; i += 2) {
    Address found[16];
    char host[256];
    double started = now();
    snprintf(host, sizeof host, "%s", argv[i] + (argv[i][0] == '['));
    char *port = strrchr(host, ':');
    *port++ = '\0';
    if (argv[i][0] == '[') port[-2] = '\0';
    int count = strcmp(lookup, "getaddrinfo") == 0
                    ? byAddrinfo(host, port, found, 16)
                    : byHostent(host, port, found, 16, strcmp(lookup, "gethostbyname_r") == 0);
    const char *outcome = "not found";
    for (int at = 0; at < count && (at == 0 || strcmp(outcome, "connected") != 0); at++)
      outcome = attempt(how, atoi(argv[i + 1]), &found[at]);
    printf("{\"target\":\"%s\",\"outcome\":\"%s\",\"ms\":%d}\n", argv[i], outcome, (int)(now() - started));
    fflush(stdout);
  }
  return 0;
}
